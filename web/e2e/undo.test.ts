import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { card, drag } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

const undoBar = (page: Page) => page.getByRole('region', { name: 'Deleted' });

/** A board with a path of one's own, open. */
async function drawnBoard(name: string) {
  const account = await Account.register(it.server.url, name);
  const { id } = await account.makeBoard(pairs(`Of ${name}`));
  const page = await it.visitors.visit(`boards/${id}`, account);
  await drag(page, [0, 0], [0, 2]);
  await page.getByText('1 of 2 joined').waitFor();
  const count = async () => (await account.paths(id)).items.length;
  return { account, id, page, count };
}

async function deletePath(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Delete path 1/ }).click();
  await page.getByText('0 of 2 joined').waitFor();
}

test('a deleted path can be taken back for some seconds, and then it is gone', async () => {
  const { page, count } = await drawnBoard('undine');
  await page.clock.install();
  await deletePath(page);
  await undoBar(page).getByRole('button', { name: 'Undo' }).click();
  await page.getByText('1 of 2 joined').waitFor();
  await page.clock.fastForward(10_000);
  expect(await count()).toBe(1);

  await deletePath(page);
  await page.clock.fastForward(10_000);
  await expect.poll(count).toBe(0);
  expect(await undoBar(page).textContent()).toBe('');
  await page.getByText('0 of 2 joined').waitFor();
});

test('what was deleted is gone when one leaves at once', async () => {
  const { page, count } = await drawnBoard('leah');
  await deletePath(page);
  await page.goto('about:blank');
  await expect.poll(count).toBe(0);
});

test('a deletion that fails is said, and what it was for is there again', async () => {
  const { page, count } = await drawnBoard('fay');
  await page.clock.install();
  await page.route('**/api/v1/paths/*', (route) => route.abort());
  await deletePath(page);
  await page.clock.fastForward(10_000);
  await undoBar(page).getByText('is still there.').waitFor();
  await page.getByText('1 of 2 joined').waitFor();
  expect(await count()).toBe(1);
  await undoBar(page).getByRole('button', { name: 'Dismiss' }).click();
  expect(await undoBar(page).textContent()).toBe('');
});

test('a deleted board can be taken back', async () => {
  const { account, id, page } = await drawnBoard('bea');
  await page.locator('summary', { hasText: 'More' }).click();
  await page.getByRole('button', { name: 'Delete board' }).click();
  await page.getByRole('heading', { name: 'Boards', exact: true }).waitFor();
  await card(page, 'Of bea').waitFor({ state: 'detached' });
  await undoBar(page).getByRole('button', { name: 'Undo' }).click();
  await card(page, 'Of bea').click();
  await page.getByText('1 of 2 joined').waitFor();
  expect((await account.paths(id)).items).toHaveLength(1);
});
