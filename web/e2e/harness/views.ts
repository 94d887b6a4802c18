import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { en } from '../../src/language/en';
import { pl } from '../../src/language/pl';
import { Account } from './account';
import { pairs } from './boards';
import { go, isLive, type Visitors } from './browser';
import { type Exhibits, exhibit, PUZZLES } from './gallery';
import { toasts } from './page';
import type { Server } from './server';

/** Who is there, and what they have made. */
export interface Scene {
  ada: Account;
  bob: Account;
  /** An administrator. */
  root: Account;
  /** Ada's boards; Bob has drawn a part of `garden`, and all of `metro`; others have solved some. */
  ids: Exhibits;
}

/** Fills a server with what the views show. */
export async function setScene(server: Server): Promise<Scene> {
  const ada = await Account.register(server.url, 'ada');
  const bob = await Account.register(server.url, 'grace');
  const root = await Account.register(server.url, 'root');
  await server.run('user', 'promote', 'root');
  const ids = await exhibit(ada);
  for (const way of PUZZLES.metro.solution) await bob.drawPath(ids.metro, way);
  for (const way of PUZZLES.garden.solution.slice(0, 3)) await bob.drawPath(ids.garden, way);
  for (const [name, ...solved] of [
    ['margaret', 'metro', 'knot', 'harbour'],
    ['linus', 'metro', 'staircase'],
  ] as const) {
    const account = await Account.register(server.url, name);
    for (const key of solved) {
      for (const way of PUZZLES[key].solution) await account.drawPath(ids[key], way);
    }
  }
  return { ada, bob, root, ids };
}

/** How each view is reached, in whatever language. What it does may change no other one, but for news. */
export const VIEWS: Record<
  string,
  (scene: Scene, visitors: Visitors, look: Look) => Promise<Page>
> = {
  async boards({ bob }, visitors, look) {
    const page = await visitors.visit('#/', bob, look);
    await page.getByRole('link', { name: PUZZLES.duet.draft.name }).waitFor();
    await ownLines(page);
    return page;
  },
  async user({ bob }, visitors, look) {
    const page = await visitors.visit('#/u/ada', bob, look);
    await page.getByRole('link', { name: PUZZLES.duet.draft.name }).waitFor();
    await ownLines(page);
    return page;
  },
  async board({ bob, ids }, visitors, look) {
    const page = await visitors.visit(`#/boards/${ids.garden}`, bob, look);
    await lines(page, 3);
    await draw(page, [3, 0], 'ArrowRight', 'ArrowRight');
    await lines(page, 4);
    return page;
  },
  async 'board-menu'({ ada, ids }, visitors, look) {
    const page = await visitors.visit(`#/boards/${ids.knot}`, ada, look);
    await page.locator('.menu summary').click();
    await page.locator('.menu-panel').waitFor();
    return page;
  },
  async guest({ ids }, visitors, look) {
    const page = await visitors.visit(`#/boards/${ids.duet}`, undefined, look);
    await draw(page, [0, 0], 'ArrowRight', 'ArrowRight', 'Enter');
    await page.locator('.unsaved').waitFor();
    return page;
  },
  async complete({ bob, ids }, visitors, look) {
    const page = await visitors.visit(`#/boards/${ids.metro}`, bob, look);
    await lines(page, 6);
    await page.locator('.panel.solved').waitFor();
    return page;
  },
  async 'new-board'({ bob }, visitors, look) {
    const page = await visitors.visit('#/new', bob, look);
    await page.locator('form [type=submit]').press('Enter');
    await page.locator('[aria-invalid=true]').first().waitFor();
    return page;
  },
  async editor({ ada, ids }, visitors, look) {
    const page = await visitors.visit(`#/boards/${ids.garden}/edit`, ada, look);
    await page.locator('form [type=submit]').waitFor();
    return page;
  },
  async activity({ ada }, visitors, look) {
    const context = await visitors.browse(ada, look);
    await wasHereBefore(context);
    const page = await go(context, '#/activity');
    await page.locator('.notices .fresh').first().waitFor();
    return page;
  },
  async settings(_, visitors, look) {
    const page = await visitors.visit('#/settings', undefined, look);
    await page.getByRole('radio').first().waitFor();
    return page;
  },
  async menu({ bob }, visitors, look) {
    const page = await visitors.visit('#/', bob, look);
    await page.getByRole('link', { name: PUZZLES.duet.draft.name }).waitFor();
    await page.locator('.user-menu summary').click();
    await page.locator('.user-panel').waitFor();
    return page;
  },
  async log({ bob }, visitors, look) {
    const page = await visitors.visit('#/log', bob, look);
    await page.getByRole('textbox', { name: texts(look).log.resumeAfter }).fill('0');
    await page.keyboard.press('Enter');
    await page.getByText('newPath').last().waitFor();
    return page;
  },
  async 'sign-in'(_, visitors, look) {
    const page = await visitors.visit('#/sign-in?why=expired', undefined, look);
    await page.locator('.alert').waitFor();
    return page;
  },
  async 'sign-up'(_, visitors, look) {
    const page = await visitors.visit('#/sign-up', undefined, look);
    await page.locator('form [type=submit]').click();
    await page.locator('[aria-invalid=true]').first().waitFor();
    return page;
  },
  async offline({ bob }, visitors, look) {
    const page = await visitors.visit('#/', bob, look);
    await page.getByRole('link', { name: PUZZLES.duet.draft.name }).waitFor();
    await page.context().setOffline(true);
    await page.locator('.banner').waitFor();
    return page;
  },
  async error({ bob, ids }, visitors, look) {
    const page = await visitors.visit('#/', bob, look);
    await page.context().setOffline(true);
    await page.goto(`/#/boards/${ids.garden}`);
    await page.locator('.alert.error').waitFor();
    return page;
  },
  async gone({ bob }, visitors, look) {
    const page = await visitors.visit('#/boards/999', bob, look);
    await page.locator('.empty').waitFor();
    return page;
  },
  async 'not-found'({ bob }, visitors, look) {
    const page = await visitors.visit('#/nowhere', bob, look);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  },
  async toasts({ ada, bob, ids }, visitors, look) {
    const page = await visitors.visit('#/', ada, look);
    await page.getByRole('link', { name: PUZZLES.duet.draft.name }).waitFor();
    // Not its solution: that he has solved it would be told only the first time.
    const [way = []] = PUZZLES.duet.solution;
    const shown = () => toasts(page).getByRole('link').count();
    // What comes together is told together.
    for (const count of [1, 2]) {
      await bob.drawPath(ids.duet, way);
      await expect.poll(shown).toBe(count);
    }
    return page;
  },
  async undo({ ada }, visitors, look) {
    const { id } = await ada.makeBoard(pairs('Short-lived'));
    const page = await visitors.visit(`#/boards/${id}`, ada, look);
    await page.locator('.menu summary').click();
    await page.locator('.menu-panel .danger').click();
    await page.locator('.undo-bar .toast').waitFor();
    // It can be taken back for some seconds; the other views shall not see it meanwhile.
    await ada.deleteBoard(id);
    return page;
  },
  async admin({ root }, visitors, look) {
    const page = await visitors.visit('#/admin', root, look);
    for (const section of ['users', 'streams']) {
      await page.locator(`[aria-labelledby=admin-${section}] .admin-list`).waitFor();
    }
    await page.locator('.facts').waitFor();
    return page;
  },
};

/** What the page says in this look. */
function texts({ locale }: Look): typeof en {
  return locale === 'pl-PL' ? pl : en;
}

/** Waits until so many lines are to be seen on a board. */
async function lines(page: Page, count: number): Promise<void> {
  await expect
    .poll(() => page.locator('[role=grid] .line').count(), { timeout: 15_000 })
    .toBe(count);
}

/** Draws on a board with the keyboard. */
async function draw(page: Page, [row, col]: [number, number], ...keys: string[]): Promise<void> {
  await page.locator(`[data-cell="${row},${col}"]`).focus();
  for (const key of ['Enter', ...keys]) await page.keyboard.press(key);
}

export interface Look {
  colorScheme: 'light' | 'dark';
  viewport: { width: number; height: number };
  locale: 'en-GB' | 'pl-PL';
  deviceScaleFactor: number;
  /** So that nothing is half-way when it is looked at. */
  reducedMotion: 'reduce';
}

export const WIDE = { width: 1280, height: 800 };
export const NARROW = { width: 360, height: 740 };
/** A window of 1280 pixels, magnified to the double. */
export const ZOOMED = { width: 640, height: 400 };

export function look(
  colorScheme: Look['colorScheme'],
  viewport: Look['viewport'],
  locale: Look['locale'] = 'en-GB',
): Look {
  const deviceScaleFactor = viewport === ZOOMED ? 2 : 1;
  return { colorScheme, viewport, locale, deviceScaleFactor, reducedMotion: 'reduce' };
}

/** Makes the next page of this browser find that it has missed all that ever happened. */
async function wasHereBefore(context: BrowserContext): Promise<void> {
  const page = await context.newPage();
  await page.goto('/');
  await isLive(page);
  await page.evaluate(() => {
    localStorage.setItem('dotcast.cursor', '0');
    localStorage.setItem('dotcast.read', '{"read":0,"counted":0,"unread":0}');
  });
  await page.close();
}

/** Waits until one's own lines are on the pictures of boards. */
async function ownLines(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    performance.getEntriesByType('resource').some((it) => it.name.includes('/api/v1/paths?')),
  );
  // The answer is taken, and pictures are painted a few in each frame.
  await page.evaluate(async () => {
    for (let frame = 0; frame < 10; frame += 1)
      await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}
