import { expect, test } from 'vitest';
import { Account, cells } from './harness/account';
import { pairs } from './harness/boards';
import { go, isLive } from './harness/browser';
import { activity, card, toasts } from './harness/page';
import { setup } from './harness/setup';

const it = setup();
const names = ['One', 'Two', 'Three'];

/** What the notices say of boards made in this order, newest first. */
function told(username: string, suffix = ''): string[] {
  return names.map((name) => `${username} made the board ${name}${suffix}`).reverse();
}

async function makeBoards(account: Account): Promise<number[]> {
  const ids: number[] = [];
  for (const name of names) ids.push((await account.makeBoard(pairs(name))).id);
  return ids;
}

test('what happens while the server restarts arrives once', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  const page = await it.visitors.visit('#/activity');
  await page.getByText('Nothing has happened yet').waitFor();
  await it.server.stop();
  await page.getByRole('status').getByText('Reconnecting').waitFor();

  await it.server.start();
  await makeBoards(ada);
  await isLive(page);
  await expect.poll(() => activity(page)).toEqual(told('ada', ' new'));
});

test('what happens while the browser is offline arrives once, and nothing of it twice', async () => {
  const bob = await Account.register(it.server.url, 'bob');
  const context = await it.visitors.browse();
  const page = await go(context, '#/');
  await bob.makeBoard(pairs('Zero'));
  await card(page, 'Zero').waitFor();

  await context.setOffline(true);
  await page.getByText('You are offline.').waitFor();
  const [first] = await makeBoards(bob);
  await bob.drawPath(first as number, cells([0, 0], [0, 1], [0, 2]));
  await context.setOffline(false);
  await isLive(page);
  await toasts(page).getByText('bob saved a path on One').waitFor();
  for (const name of names) await card(page, name).first().waitFor();

  await page.getByRole('link', { name: 'Activity' }).click();
  const all = [
    'bob saved a path on One new',
    ...told('bob', ' new'),
    'bob made the board Zero new',
  ];
  const newest = async () => (await activity(page)).slice(0, all.length);
  await expect.poll(newest).toEqual(all);
  await page.reload();
  await isLive(page);
  await expect.poll(newest).toEqual(all.map((text) => text.replace(/ new$/, '')));
});

test('what happens while no page is open is listed on the next visit', async () => {
  const eve = await Account.register(it.server.url, 'eve');
  const context = await it.visitors.browse();
  const before = await go(context, '#/');
  await before.close();

  await makeBoards(eve);
  const page = await go(context, '#/');
  for (const name of names) await card(page, name).first().waitFor();
  await page.getByRole('link', { name: 'Activity 3 unread' }).click();
  const away = told('eve', ' new while you were away');
  await expect.poll(async () => (await activity(page)).slice(0, away.length)).toEqual(away);
  // It is over: nobody needs to be told at once.
  expect(await toasts(page).textContent()).toBe('');
});

test.each([-1, 1])('nothing depends on the clock: %d days off', async (days) => {
  const name = days < 0 ? 'slow' : 'fast';
  const account = await Account.register(it.server.url, name);
  const context = await it.visitors.browse();
  await context.clock.setFixedTime(Date.now() + days * 86_400_000);
  const [page, other] = [await go(context, '#/activity'), await go(context, '#/')];
  await account.makeBoard(pairs('On time'));
  await toasts(page).getByText(`${name} made the board On time`).waitFor();
  await card(other, 'On time').first().waitFor();
  await page.getByRole('main').getByText('just now').first().waitFor();
});

test('a proxy that answers for a server that is away is told in words, and then forgotten', async () => {
  const max = await Account.register(it.server.url, 'max');
  await max.makeBoard(pairs('Behind'));
  const context = await it.visitors.browse();
  await context.route(/\/(api|sse)\//, (route) =>
    route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>502 Bad Gateway</h1>' }),
  );
  const page = await context.newPage();
  await page.goto('/#/');
  await page.getByText('The server cannot be reached right now.').waitFor();
  expect(await page.getByText('502').count()).toBe(0);
  await context.unrouteAll({ behavior: 'wait' });
  await isLive(page);
  await card(page, 'Behind').first().waitFor();
});

test('a page whose place in the log is no longer kept reads again what it shows', async () => {
  const kim = await Account.register(it.server.url, 'kim');
  const context = await it.visitors.browse();
  const page = await go(context, '#/');
  await context.setOffline(true);
  await page.getByText('You are offline.').waitFor();
  await kim.makeBoard(pairs('Unheard of'));
  await it.server.trim();
  await context.setOffline(false);
  await card(page, 'Unheard of').waitFor();
});

test('a page that is ahead of the log starts over with it', async () => {
  const lou = await Account.register(it.server.url, 'lou');
  await lou.makeBoard(pairs('Lost'));
  const page = await it.visitors.visit('#/');
  await card(page, 'Lost').waitFor();
  await it.server.lose();
  await it.server.start();
  await page.getByText('No boards yet').waitFor();

  const mia = await Account.register(it.server.url, 'mia');
  await mia.makeBoard(pairs('Anew'));
  await card(page, 'Anew').waitFor();
  await toasts(page).getByText('mia made the board Anew').waitFor();
});
