import { expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { go } from './harness/browser';
import { activity, toasts } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

test('two tabs hold one stream, and the second goes on when the first is closed', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  const context = await it.visitors.browse();
  const leader = await go(context, '#/activity');
  const other = await go(context, '#/activity');
  await ada.makeBoard(pairs('Both'));
  for (const page of [leader, other]) {
    await toasts(page).getByText('ada made the board Both').waitFor();
  }
  expect(it.server.streams()).toBe(1);

  await leader.close();
  for (const name of ['First', 'Second', 'Third']) await ada.makeBoard(pairs(name));
  await toasts(other).getByText('ada made the board Third').waitFor();
  await expect
    .poll(() => activity(other))
    .toEqual(['Third', 'Second', 'First', 'Both'].map((name) => `ada made the board ${name} new`));
  expect(it.server.streams()).toBe(2);
});

test('tabs know what was read in another', async () => {
  const bob = await Account.register(it.server.url, 'bob');
  const context = await it.visitors.browse();
  const reads = await go(context, '#/');
  const looksOn = await go(context, '#/');
  await bob.makeBoard(pairs('News'));
  const unread = looksOn.getByRole('link', { name: 'Activity 1 unread' });
  await unread.waitFor();
  await reads.getByRole('link', { name: 'Activity' }).click();
  await unread.waitFor({ state: 'detached' });
});

test('a tab takes over from one that does not answer, which follows it from then on', async () => {
  const eve = await Account.register(it.server.url, 'eve');
  const context = await it.visitors.browse();
  const stuck = await go(context, '#/activity');
  const before = it.server.streams();
  // A tab that the browser has frozen runs nothing, either.
  const session = await context.newCDPSession(stuck);
  await session.send('Debugger.enable');
  await session.send('Debugger.pause');

  const other = await go(context, '#/activity');
  await eve.makeBoard(pairs('Meanwhile'));
  await toasts(other).getByText('eve made the board Meanwhile').waitFor();
  expect(it.server.streams()).toBe(before + 1);

  await session.send('Debugger.disable');
  await eve.makeBoard(pairs('Afterwards'));
  const all = ['Afterwards', 'Meanwhile'].map((name) => `eve made the board ${name} new`);
  for (const page of [stuck, other]) {
    await expect.poll(async () => (await activity(page)).slice(0, all.length)).toEqual(all);
  }
  expect(it.server.streams()).toBe(before + 1);
});
