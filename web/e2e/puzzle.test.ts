import { expect, test } from 'vitest';
import { Account } from './harness/account';
import { cell } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

test('a board that is made up has dots, can be solved and is saved', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  const page = await it.visitors.visit('new', ada);
  const dots = page.getByRole('grid').getByRole('gridcell', { name: /dot$/ });
  await cell(page, [0, 0]).click();
  expect(await dots.count()).toBe(1);
  await page.getByRole('textbox', { name: 'Name' }).fill('Made up');
  await page.getByRole('combobox', { name: 'Difficulty' }).selectOption('hard');
  await page.getByRole('button', { name: 'Make up a board' }).click();
  // 36 cells, about twelve to a line.
  await expect.poll(() => dots.count()).toBe(6);
  await page.getByText('This board can be solved.').waitFor();

  await page.getByRole('button', { name: 'Make up another' }).click();
  await page.getByRole('button', { name: 'Put mine back' }).click();
  await expect.poll(() => dots.count()).toBe(1);
  await page.getByRole('button', { name: 'Make up a board' }).click();
  await page.getByRole('button', { name: 'Save board' }).click();
  await page.getByText('0 of 3 joined').waitFor();
});

test('before it is saved one is told that a board cannot be solved', async () => {
  const bob = await Account.register(it.server.url, 'bob');
  const page = await it.visitors.visit('new', bob);
  await page.getByRole('textbox', { name: 'Name' }).fill('Crossed');
  for (const place of [
    [0, 2],
    [5, 3],
    [2, 0],
    [3, 5],
  ] as const)
    await cell(page, [...place]).click();
  await page
    .getByText('This board cannot be solved: the lines of red and blue would have to cross.')
    .waitFor();
  await cell(page, [2, 0]).click();
  await page.getByText('This board cannot be solved').waitFor({ state: 'detached' });
  await cell(page, [3, 5]).click();
  await page.getByText('This board can be solved.').waitFor();
});
