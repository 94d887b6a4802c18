import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { Account } from './harness/account';
import { drag } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

const PHONE = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };

/** Where something is in the window, in CSS pixels. */
async function box(page: Page, selector: string) {
  const found = await page.locator(selector).boundingBox();
  if (!found) throw new Error(`${selector} is not to be seen`);
  const { x, y, width, height } = found;
  return { left: x, top: y, width, height, right: x + width, bottom: y + height };
}

async function tenByTen(maker: string) {
  const account = await Account.register(it.server.url, maker);
  const at = (row: number, col: number, color: string) => ({ row, col, color });
  const dots = [at(0, 0, '#e5343d'), at(0, 9, '#e5343d'), at(9, 0, '#2f6bff'), at(9, 9, '#2f6bff')];
  return account.makeBoard({ name: `Ten by ten of ${maker}`, rows: 10, cols: 10, dots });
}

test('on a small phone one draws on a board and reaches its buttons without scrolling', async () => {
  const { id } = await tenByTen('ada');
  const page = await it.visitors.visit(`boards/${id}`, undefined, PHONE);
  await page.getByText('0 of 2 joined').waitFor();
  const grid = await box(page, '.grid');
  const tools = await box(page, '.draw-tools');
  // All of the width that there is.
  expect(grid.width).toBeGreaterThan(320);
  expect(tools.bottom).toBeLessThanOrEqual(640);
  for (const button of await page.locator('.draw-tools > button, .draw-tools summary').all()) {
    const { width = 0, height = 0 } = (await button.boundingBox()) ?? {};
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
  }
  // Whatever is said, nothing moves under the finger.
  await drag(page, [0, 0], [0, 9]);
  await page.getByText('One line is not saved yet.').waitFor();
  await drag(page, [9, 0], [5, 0]);
  await page.getByText('5 cells').waitFor();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  expect(await box(page, '.grid')).toEqual(grid);
  expect(await box(page, '.draw-tools')).toEqual(tools);
});

describe.each([
  [1440, 900],
  [1024, 768],
  [1920, 1080],
])('in a window of %i × %i', (width, height) => {
  test('a board is as large as there is room for', async () => {
    const { id } = await tenByTen(`maker-${width}`);
    const page = await it.visitors.visit(`boards/${id}`, undefined, {
      viewport: { width, height },
    });
    await page.getByText('0 of 2 joined').waitFor();
    const grid = await box(page, '.grid');
    const tools = await box(page, '.draw-tools');
    const side = await box(page, '.side');
    expect(grid.height).toBeGreaterThan(height * 0.72);
    expect(tools.bottom).toBeLessThanOrEqual(height);
    expect(side.left).toBeGreaterThan(grid.right);
    expect(side.right).toBeLessThanOrEqual(width);
    expect(side.width).toBeLessThan(300);
    const size = () => {
      const { scrollWidth, scrollHeight } = document.documentElement;
      return [scrollWidth, scrollHeight];
    };
    expect(await page.evaluate(size)).toEqual([width, height]);
  });
});

test('what says that something was deleted covers no button of the board', async () => {
  for (const options of [PHONE, { viewport: { width: 1280, height: 800 } }]) {
    const { id } = await tenByTen(`eva-${options.viewport.width}`);
    const account = await Account.register(it.server.url, `max-${options.viewport.width}`);
    const page = await it.visitors.visit(`boards/${id}`, account, options);
    await page.getByText('0 of 2 joined').waitFor();
    await drag(page, [0, 0], [0, 9]);
    await page.getByText('1 of 2 joined').waitFor();
    await page.locator('.draw-tools').getByRole('button', { name: 'Undo' }).click();
    const bar = await box(page, '.undo-bar .toast');
    const tools = await box(page, '.draw-tools');
    const grid = await box(page, '.grid');
    expect(bar.top >= tools.bottom || bar.bottom <= grid.top).toBe(true);
  }
});

test('the list of paths folds', async () => {
  const { id } = await tenByTen('fay');
  const page = await it.visitors.visit(`boards/${id}`);
  await page.getByText('None yet. Only you see what you draw.').waitFor();
  await page.locator('summary', { hasText: 'Your paths' }).click();
  await page.getByText('None yet. Only you see what you draw.').waitFor({ state: 'hidden' });
});
