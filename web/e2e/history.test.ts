import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { go } from './harness/browser';
import { cell, drag } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

/** A board of one's own, open. */
async function board(username: string, options?: BrowserContextOptions) {
  const account = await Account.register(it.server.url, username);
  const { id } = await account.makeBoard(pairs(`Of ${username}`));
  const page = await it.visitors.visit(`boards/${id}`, account, options);
  await page.getByText('0 of 2 joined').waitFor();
  const ids = async () => (await account.paths(id)).items.map((it) => it.id);
  return { account, id, page, ids };
}

/** A button of the board's own; the bar that says what was deleted has one of this name, too. */
const tool = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Drawing' }).getByRole('button', { name });

const joined = (page: Page, count: number) => page.getByText(`${count} of 2 joined`).waitFor();

test('a drag is one step, and so is a step by key', async () => {
  const { page } = await board('ada');
  await drag(page, [0, 0], [1, 0], [1, 1]);
  await page.getByText('3 cells').waitFor();
  await drag(page, [1, 1], [1, 2]);
  await page.getByText('4 cells').waitFor();
  await cell(page, [1, 2]).focus();
  await page.keyboard.press('ArrowLeft');
  await page.getByText('3 cells').waitFor();
  for (const count of ['4 cells', '3 cells']) {
    await tool(page, 'Undo').click();
    await page.getByText(count).waitFor();
  }
  await tool(page, 'Undo').click();
  await page.getByText('3 cells').waitFor({ state: 'detached' });
  expect(await tool(page, 'Undo').getAttribute('aria-disabled')).toBe('true');

  await tool(page, 'Redo').click();
  await page.getByText('3 cells').waitFor();
  // Where one has pressed, one goes on.
  expect(await tool(page, 'Redo').evaluate((it) => it === document.activeElement)).toBe(true);
  // Something new leaves nothing to redo.
  await drag(page, [1, 1], [2, 1]);
  await page.getByText('4 cells').waitFor();
  expect(await tool(page, 'Redo').getAttribute('aria-disabled')).toBe('true');
});

test('a saved path is undone and redone by key', async () => {
  const { page, ids } = await board('bob');
  await drag(page, [0, 0], [0, 2]);
  await joined(page, 1);
  await expect.poll(ids).toHaveLength(1);
  const [first] = await ids();
  await page.keyboard.press('Control+z');
  await joined(page, 0);
  // It was not deleted yet, so it is the same one.
  await page.keyboard.press('Control+Shift+Z');
  await joined(page, 1);
  expect(await ids()).toEqual([first]);
  await page.keyboard.press('Control+z');
  await joined(page, 0);
  await page.keyboard.press('Control+y');
  await joined(page, 1);
  expect(await ids()).toEqual([first]);
});

test('a path that was undone for good is saved anew when it is redone', async () => {
  const { page, ids } = await board('cleo');
  await drag(page, [0, 0], [0, 2]);
  await joined(page, 1);
  await expect.poll(ids).toHaveLength(1);
  const [first] = await ids();
  await page.clock.install();
  await tool(page, 'Undo').click();
  await page.clock.fastForward(10_000);
  await expect.poll(ids).toEqual([]);
  await tool(page, 'Redo').click();
  await expect.poll(ids).toHaveLength(1);
  expect(await ids()).not.toEqual([first]);
  await joined(page, 1);
});

test('what is undone while it is on its way is not there in the end', async () => {
  const { page, ids } = await board('dora');
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  await page.route('**/api/v1/boards/*/paths', async (route) => {
    if (route.request().method() === 'POST') await held;
    await route.continue();
  });
  await page.clock.install();
  await drag(page, [0, 0], [0, 2]);
  await page.getByText('Saving…').waitFor();
  await tool(page, 'Undo').click();
  await joined(page, 0);
  goOn();
  await page.getByRole('region', { name: 'Deleted' }).getByText('1 path on Of dora').waitFor();
  await page.clock.fastForward(10_000);
  await expect.poll(ids).toEqual([]);
  await joined(page, 0);
});

test('what one deletes from the list is undone, too, and the focus stays in the list', async () => {
  const { page, ids } = await board('emma');
  await drag(page, [0, 0], [0, 2]);
  await joined(page, 1);
  await drag(page, [2, 0], [2, 2]);
  await joined(page, 2);
  await page.getByRole('button', { name: /^Delete path 1/ }).click();
  await joined(page, 1);
  const focused = () =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
  await expect.poll(focused).toMatch(/^Delete path 1: Blue/);
  await page.keyboard.press('Control+z');
  await joined(page, 2);
  await expect.poll(ids).toHaveLength(2);
  // The bar gives the focus back when its button goes.
  await page.getByRole('button', { name: /^Delete path 2/ }).press('Enter');
  await joined(page, 1);
  const undo = page.getByRole('region', { name: 'Deleted' }).getByRole('button', { name: 'Undo' });
  await undo.focus();
  await undo.press('Enter');
  await joined(page, 2);
  await expect.poll(focused).toMatch(/^Delete path/);
});

test('starting over takes all away, and can be taken back as a whole', async () => {
  const { page, ids } = await board('finn');
  await drag(page, [0, 0], [0, 2]);
  await joined(page, 1);
  await drag(page, [2, 0], [2, 2]);
  await joined(page, 2);
  const restart = async () => {
    await page.locator('summary', { hasText: 'More' }).click();
    await page.getByRole('button', { name: 'Start over' }).click();
    await joined(page, 0);
  };
  await page.clock.install();
  await restart();
  const bar = page.getByRole('region', { name: 'Deleted' });
  await bar.getByText('2 paths on Of finn deleted.').waitFor();
  await bar.getByRole('button', { name: 'Undo' }).click();
  await joined(page, 2);
  await restart();
  await tool(page, 'Undo').click();
  await joined(page, 2);
  await expect.poll(ids).toHaveLength(2);
  await restart();
  await page.clock.fastForward(10_000);
  await expect.poll(ids).toEqual([]);
});

test('clearing takes the line back that is drawn, and then those that wait', async () => {
  const account = await Account.register(it.server.url, 'gus');
  const { id } = await account.makeBoard(pairs('Of gus'));
  const page = await it.visitors.visit(`boards/${id}`);
  await drag(page, [0, 0], [0, 2]);
  await drag(page, [2, 0], [2, 1]);
  await page.getByText('2 cells', { exact: false }).first().waitFor();
  await tool(page, 'Clear').click();
  await page.getByText('Cleared.').waitFor();
  await joined(page, 1);
  await tool(page, 'Clear').click();
  await joined(page, 0);
  await tool(page, 'Undo').click();
  await joined(page, 1);
  await page.getByText('One line is not saved yet.').waitFor();
  await tool(page, 'Undo').click();
  await page.getByText('Blue, 2 cells', { exact: true }).waitFor();
});

test('the keys do nothing while one types, and nothing in the middle of a drag', async () => {
  const { page } = await board('hal');
  await drag(page, [0, 0], [0, 1]);
  await page.getByText('2 cells').waitFor();
  await page.evaluate(() => document.body.append(document.createElement('input')));
  await page.locator('body > input').press('Control+z');
  await page.getByText('2 cells').waitFor();

  const { x, y, width } = (await cell(page, [0, 1]).boundingBox()) as {
    x: number;
    y: number;
    width: number;
  };
  await page.mouse.move(x + width / 2, y + width / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + width * 1.5, { steps: 4 });
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press('Control+z');
  await page.getByText('3 cells').waitFor();
  await page.mouse.up();
  await page.keyboard.press('Control+z');
  await page.getByText('2 cells').waitFor();
});

test('on a Mac it is the command key', async () => {
  const account = await Account.register(it.server.url, 'ivy');
  const { id } = await account.makeBoard(pairs('Of ivy'));
  const context = await it.visitors.browse(account);
  await context.addInitScript(() =>
    Object.defineProperty(navigator, 'platform', { get: () => 'MacIntel' }),
  );
  const page = await go(context, `boards/${id}`);
  await drag(page, [0, 0], [0, 1]);
  await page.getByText('2 cells').waitFor();
  await page.keyboard.press('Control+z');
  await page.getByText('2 cells').waitFor();
  await page.keyboard.press('Meta+z');
  await page.getByText('2 cells').waitFor({ state: 'detached' });
  await page.keyboard.press('Meta+Shift+Z');
  await page.getByText('2 cells').waitFor();
});
