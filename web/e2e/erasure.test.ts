import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Account, cells } from './harness/account';
import { pairs } from './harness/boards';
import { go, isLive } from './harness/browser';
import { card, drag, toasts } from './harness/page';
import { setup } from './harness/setup';

const it = setup('127.0.0.1:0', ['--poll-interval', '100ms']);

/** All that a page shows, says and keeps, in whatever store of the browser. */
const everything = (page: Page) =>
  page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const stores = [databases, await caches.keys(), history.state].map((it) => JSON.stringify(it));
    const kept = [localStorage, sessionStorage].flatMap((it) => Object.entries(it).flat());
    const { title, documentElement } = document;
    return [location.href, title, documentElement.outerHTML, ...stores, ...kept].join('\n');
  });

test('a name that is erased goes from all that is shown and kept, at once and after a time offline', async () => {
  const name = 'augusta-ada';
  const ada = await Account.register(it.server.url, name);
  const bob = await Account.register(it.server.url, 'bob');
  const { id } = await ada.makeBoard(pairs('Engine'));
  const bobs = await bob.makeBoard(pairs('Difference'));

  const context = await it.visitors.browse();
  const list = await go(context, '#/');
  await card(list, 'Engine').waitFor();
  const search = await go(context, '#/?q=engine');
  await search.getByText('1 board found').waitFor();
  const theirs = await go(context, `#/u/${name}`);
  await theirs.getByRole('heading', { name: `Boards by ${name}` }).waitFor();
  const activity = await go(context, '#/activity');
  await activity.getByText(`${name} made the board Engine`).waitFor();
  // Erasures are about no board, so this stream has none.
  const log = await go(context, '#/log');
  await log.getByRole('textbox', { name: 'Only board ids' }).fill(String(id));
  await log.getByRole('textbox', { name: 'Resume after id' }).fill('0');
  await log.keyboard.press('Enter');
  await log.getByText(name).first().waitFor();
  const away = await it.visitors.visit('#/activity');
  await away.getByText(`${name} made the board Engine`).waitFor();
  await away.context().setOffline(true);
  await away.getByText('You are offline.').waitFor();

  // Her own browser, with a line that cannot be saved.
  const own = await it.visitors.browse(ada);
  await own.route('**/api/v1/boards/*/paths', (route) =>
    route.request().method() === 'POST' ? route.abort() : route.continue(),
  );
  const drawn = await go(own, `#/boards/${bobs.id}`);
  await drag(drawn, [0, 0], [0, 1], [0, 2]);
  const line = () => drawn.evaluate(() => localStorage.getItem('dotcast.lines') ?? '');
  await expect.poll(line).toContain('"cells":[0,0,0,1,0,2]');

  const root = await Account.register(it.server.url, 'root');
  await it.server.run('user', 'promote', 'root');
  const admin = await it.visitors.visit('#/admin', root);
  await admin.getByRole('link', { name }).waitFor();

  await ada.drawPath(bobs.id, cells([2, 0], [2, 1]));
  await toasts(list).getByText(`${name} saved a path`).hover();

  await it.server.run('user', 'erase', name, '--yes');
  const pages = { list, search, theirs, activity, log, drawn, admin };
  for (const [view, page] of Object.entries(pages)) {
    await expect
      .poll(() => everything(page), { timeout: 15_000, message: view })
      .not.toContain(name);
  }
  await activity.getByText('erased-1 made the board Engine').waitFor();
  await toasts(list).getByText('erased-1 saved a path').waitFor();
  await list.getByRole('link', { name: 'Boards by erased-1' }).waitFor();
  await theirs.getByRole('heading', { name: 'Boards by erased-1' }).waitFor();
  await log.getByText('"creator_username":"erased-1"').waitFor();
  await drawn.getByRole('banner').getByRole('link', { name: 'Sign in' }).waitFor();

  await away.context().setOffline(false);
  await isLive(away);
  await away.getByText('erased-1 made the board Engine').waitFor();
  await expect.poll(() => everything(away)).not.toContain(name);
});
