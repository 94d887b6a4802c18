import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { card, toasts } from './harness/page';
import { setup } from './harness/setup';
import {
  type Look,
  look,
  NARROW,
  type Scene,
  setScene,
  VIEWS,
  WIDE,
  ZOOMED,
} from './harness/views';

const it = setup();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Way {
  how: Look;
  /** Whether the visitor has told the browser to write everything twice as large. */
  writesLarge?: boolean;
}

/** Each view is looked at in one of these sets of ways. Together, every two of their properties meet. */
const WAYS: Record<string, Way>[] = [
  {
    'light, wide, English': { how: look('light', WIDE) },
    'dark, narrow, Polish': { how: look('dark', NARROW, 'pl-PL') },
    'light, magnified, Polish': { how: look('light', ZOOMED, 'pl-PL') },
    'dark, written large, English': { how: look('dark', WIDE), writesLarge: true },
  },
  {
    'dark, wide, Polish': { how: look('dark', WIDE, 'pl-PL') },
    'light, narrow, English': { how: look('light', NARROW) },
    'dark, magnified, English': { how: look('dark', ZOOMED) },
    'light, written large, Polish': { how: look('light', WIDE, 'pl-PL'), writesLarge: true },
  },
];
const waysOf = (index: number) => Object.entries(WAYS[index % WAYS.length] ?? {});

/** Has the browser write larger than pages ask for, as its settings can. */
async function writeLarge(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setFontSizes', { fontSizes: { standard: 32 } });
}

/** What axe finds wrong, by rule and place; and whether the page is wider than the window. */
async function faults(page: Page): Promise<string[]> {
  // By the debugger, as the page's policy lets no other script in.
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  const isTooWide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth;
  });
  return isTooWide ? [...found, 'scrolls sideways'] : found;
}

test.each(waysOf(0))('an empty list of boards, %s', async (_, { how, writesLarge }) => {
  const page = await it.visitors.visit('#/', undefined, how);
  if (writesLarge) await writeLarge(page);
  await page.locator('.empty').waitFor();
  expect(await faults(page)).toEqual([]);
});

describe('with boards', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await setScene(it.server);
  });

  describe.each(Object.entries(VIEWS).map(([name, view], index) => ({ name, view, index })))(
    '$name',
    ({ view, index }) => {
      test.each(waysOf(index))('%s', async (_, { how, writesLarge }) => {
        const page = await view(scene, it.visitors, how);
        if (writesLarge) await writeLarge(page);
        expect(await faults(page)).toEqual([]);
      });
    },
  );

  test('a toast with a long name', async () => {
    const page = await it.visitors.visit('#/', scene.bob, look('light', NARROW));
    const { id } = await scene.ada.makeBoard(pairs('A toast to a board whose name is a long one'));
    await toasts(page).getByText('ada made the board').waitFor();
    expect(await faults(page)).toEqual([]);
    await scene.ada.deleteBoard(id);
  });
});

test('nothing moves for those who do not want it', async () => {
  const max = await Account.register(it.server.url, 'max');
  const moves = async (reducedMotion: 'reduce' | 'no-preference', name: string) => {
    const page = await it.visitors.visit('#/', undefined, { reducedMotion });
    // Animations that have begun, also those that are over by the time one looks.
    await page.evaluate(() => {
      const begun = new Set<string>();
      addEventListener('animationstart', ({ animationName }) => begun.add(animationName), true);
      addEventListener('transitionrun', ({ propertyName }) => begun.add(propertyName), true);
      Object.assign(globalThis, { begun });
    });
    await max.makeBoard(pairs(name));
    await toasts(page).getByText(name).waitFor();
    await card(page, name).hover();
    // Two frames, so that what began has been told.
    return page.evaluate(
      () =>
        new Promise<string[]>((resolve) => {
          const { begun } = globalThis as unknown as { begun: Set<string> };
          requestAnimationFrame(() => requestAnimationFrame(() => resolve([...begun])));
        }),
    );
  };
  expect(await moves('reduce', 'Still')).toEqual([]);
  expect(await moves('no-preference', 'Lively')).toContain('arrive');
});

test('a toast is told politely, and takes the focus from nobody', async () => {
  const eve = await Account.register(it.server.url, 'eve');
  const page = await it.visitors.visit('#/sign-in');
  const name = page.getByRole('textbox', { name: 'Username' });
  await name.focus();
  await eve.makeBoard(pairs('Quiet'));
  await toasts(page).getByText('eve made the board Quiet').waitFor();
  expect(await toasts(page).getAttribute('aria-live')).toBe('polite');
  expect(await name.evaluate((it) => it === document.activeElement)).toBe(true);
});

test('the whole of a board is worked with by keyboard alone', async () => {
  const kay = await Account.register(it.server.url, 'kay');
  await kay.makeBoard(pairs('By hand'));
  const page = await it.visitors.visit('#/', kay);
  const link = page.getByRole('link', { name: 'By hand' });
  await link.waitFor();
  const tabTo = async (target: typeof link) => {
    const isThere = () => target.evaluate((it) => it === document.activeElement);
    for (let presses = 0; presses < 40 && !(await isThere()); presses += 1) {
      await page.keyboard.press('Tab');
    }
    expect(await isThere()).toBe(true);
  };
  await tabTo(link);
  await page.keyboard.press('Enter');
  await page.getByText('0 of 2 joined').waitFor();
  await tabTo(page.getByRole('gridcell', { name: 'Row 1, column 1,' }));
  for (const key of ['Enter', 'ArrowRight', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
  await page.getByText('1 of 2 joined').waitFor();
  await tabTo(page.getByRole('button', { name: /^Delete path 1/ }));
  await page.keyboard.press('Enter');
  await page.getByText('0 of 2 joined').waitFor();
});
