import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { go } from './harness/browser';
import { activity, see, toasts } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

/** When the page lets go of an event stream. */
async function streamEnds(page: Page): Promise<void> {
  await page.waitForEvent('requestfailed', (it) => it.url().includes('/sse/'));
}

test('two tabs hold one stream, and the second goes on when the first is closed', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  const context = await it.visitors.browse();
  const leader = await go(context, '#/activity');
  const other = await go(context, '#/activity');
  await ada.makeBoard(pairs('Both'));
  for (const page of [leader, other]) {
    await toasts(page).getByText('ada made the board Both').waitFor();
  }
  await expect.poll(() => it.server.streams()).toBe(1);

  await leader.close();
  for (const name of ['First', 'Second', 'Third']) await ada.makeBoard(pairs(name));
  await toasts(other).getByText('ada made the board Third').waitFor();
  await expect
    .poll(() => activity(other))
    .toEqual(['Third', 'Second', 'First', 'Both'].map((name) => `ada made the board ${name} new`));
  await expect.poll(() => it.server.streams()).toBe(2);
});

test('more tabs than a browser opens connections all hear of what happens', async () => {
  const ann = await Account.register(it.server.url, 'ann');
  const context = await it.visitors.browse();
  const tabs: Page[] = [];
  for (let number = 0; number < 8; number += 1) tabs.push(await go(context, '#/'));
  await ann.makeBoard(pairs('Everywhere'));
  for (const page of tabs) await toasts(page).getByText('ann made the board Everywhere').waitFor();
});

test('where tabs cannot talk, each has a stream only while it is to be seen', async () => {
  const tim = await Account.register(it.server.url, 'tim');
  const context = await it.visitors.browse();
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'BroadcastChannel'));
  const page = await go(context, '#/');
  const cut = streamEnds(page);
  await see(page, false);
  await cut;
  await tim.makeBoard(pairs('Unseen'));
  await see(page, true);
  await toasts(page).getByText('tim made the board Unseen').waitFor();
});

test('the view of the raw stream lets go of it while it is hidden, and goes on where it was', async () => {
  const kit = await Account.register(it.server.url, 'kit');
  const context = await it.visitors.browse();
  const page = await go(context, '#/log');
  await page.getByText('Stream is open').waitFor();
  const cut = streamEnds(page);
  await see(page, false);
  await cut;
  await kit.makeBoard(pairs('Raw'));
  await see(page, true);
  await page.getByRole('main').getByText('"board_name":"Raw"').waitFor();
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

test('a tab takes over from one that is frozen, which follows it from then on', async () => {
  const eve = await Account.register(it.server.url, 'eve');
  const context = await it.visitors.browse();
  const frozen = await go(context, '#/activity');
  const other = await go(context, '#/activity');
  const before = it.server.streams();
  const session = await context.newCDPSession(frozen);
  await session.send('Debugger.enable');
  // Nothing runs any more, as in a tab that the browser has frozen. The other tab is not told.
  await session.send('Debugger.pause');

  await eve.makeBoard(pairs('Meanwhile'));
  const told = toasts(other).getByText('eve made the board Meanwhile');
  await told.waitFor({ timeout: 30_000 });
  await expect.poll(() => it.server.streams()).toBe(before + 1);

  await session.send('Debugger.disable');
  await eve.makeBoard(pairs('Afterwards'));
  const all = ['Afterwards', 'Meanwhile'].map((name) => `eve made the board ${name} new`);
  for (const page of [frozen, other]) {
    await expect.poll(async () => (await activity(page)).slice(0, all.length)).toEqual(all);
  }
  expect(it.server.streams()).toBe(before + 1);
});
