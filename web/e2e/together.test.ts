import { expect, test } from 'vitest';
import { Account, cells } from './harness/account';
import { pairs } from './harness/boards';
import { card, cell, drag, toasts } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

test('what one makes and draws, another sees without a reload', async () => {
  const [ada, bob] = await Promise.all([
    Account.register(it.server.url, 'ada'),
    Account.register(it.server.url, 'bob'),
  ]);
  const hers = await it.visitors.visit('#/', ada);
  const his = await it.visitors.visit('#/', bob);
  await his.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
  await his.getByText('No boards yet').waitFor();

  await hers.getByRole('link', { name: 'New board' }).first().click();
  await hers.getByRole('textbox', { name: 'Name' }).fill('Duet');
  await hers.getByRole('spinbutton', { name: 'Rows' }).fill('4');
  await hers.getByRole('spinbutton', { name: 'Columns' }).fill('4');
  await cell(hers, [0, 0]).click();
  await cell(hers, [2, 2]).click();
  await hers.getByRole('button', { name: 'Save board' }).click();
  await hers.getByRole('heading', { name: 'Duet' }).waitFor();

  await card(his, 'Duet').waitFor();
  await toasts(his).getByText('ada made the board Duet').waitFor();

  await drag(hers, [0, 0], [0, 2], [2, 2]);
  await hers.getByText('Solved!').waitFor();
  // Two events in one toast, the newest by name.
  await toasts(his).getByText('ada solved Duet').waitFor();
  // Nobody is told of what they did themselves.
  expect(await toasts(hers).textContent()).toBe('');

  await toasts(his).getByRole('link', { name: 'Duet' }).last().click();
  await his.getByRole('heading', { name: 'Duet' }).waitFor();
  await his.getByText('None yet. Only you see what you draw.').waitFor();
  expect(await his.evaluate(() => 'sameDocument' in globalThis)).toBe(true);
});

test('a list follows boards that are changed and deleted elsewhere', async () => {
  const eve = await Account.register(it.server.url, 'eve');
  const kept = await eve.makeBoard(pairs('Before'));
  const doomed = await eve.makeBoard(pairs('Doomed'));
  const page = await it.visitors.visit('#/');
  await card(page, 'Before').waitFor();

  await eve.changeBoard(kept.id, pairs('After'));
  await card(page, 'After').waitFor();
  await card(page, 'Before').waitFor({ state: 'detached' });
  await toasts(page).getByText('eve changed the board After').waitFor();

  await eve.deleteBoard(doomed.id);
  await card(page, 'Doomed').waitFor({ state: 'detached' });
  await toasts(page).getByText('eve deleted the board Doomed').waitFor();
});

test('a board that is drawn on follows its changes, and says when it is gone', async () => {
  const zoe = await Account.register(it.server.url, 'zoe');
  const board = await zoe.makeBoard(pairs('Sketch'));
  const page = await it.visitors.visit(`#/boards/${board.id}`, zoe);
  await page.getByText('0 of 2 joined').waitFor();

  // From another device of hers.
  await zoe.drawPath(board.id, cells([0, 0], [0, 1], [0, 2]));
  await page.getByText('1 of 2 joined').waitFor();

  await zoe.changeBoard(board.id, { ...pairs('Sketch 2'), dots: [] });
  await page.getByRole('heading', { name: 'Sketch 2' }).waitFor();
  await page.getByText('no dots yet').waitFor();

  await zoe.deleteBoard(board.id);
  await page.getByRole('heading', { name: 'This board is gone' }).waitFor();
});
