import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Account, cells } from './harness/account';
import { pairs } from './harness/boards';
import { setup } from './harness/setup';

const it = setup();
/** Clients wait for some seconds before they ask again. */
const PATIENCE = { timeout: 20_000, interval: 100 };
const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const read = (name: string) => readFileSync(path(name), 'utf8');

/** Has the browser find a page of somebody else's, as if it was on the server's own origin. */
async function offer(context: BrowserContext, address: string, body: string): Promise<void> {
  await context.route(`**${address}*`, (route) =>
    route.fulfill({ contentType: 'text/html', body }),
  );
}

/** What a page has shown, line by line. */
async function shown(page: Page): Promise<string[]> {
  return ((await page.locator('#events').textContent()) ?? '').split('\n').slice(0, -1);
}

interface Logged {
  id: number;
  type: string;
  data: Record<string, unknown>;
}

/** The events about a board, as the log has them. */
async function logged(boardId: number): Promise<Logged[]> {
  const answer = await fetch(`${it.server.url}/api/v1/events?after=0&board_id=${boardId}`);
  return (await answer.json()).items;
}

/** Restarts the server behind a proxy that answers for it, and does something before pages can come to it again. */
async function restart(context: BrowserContext, page: Page, act: () => Promise<unknown>) {
  const away = /\/(api|sse)\//;
  await context.route(away, (route) =>
    route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>502 Bad Gateway</h1>' }),
  );
  const refused = page.waitForResponse((it) => it.status() === 502 && it.url().includes('/sse/'));
  await it.server.stop();
  await refused;
  await it.server.start();
  await act();
  await context.unroute(away);
}

const UPPER = cells([0, 0], [0, 1], [0, 2]);
const LOWER = cells([2, 0], [2, 1], [2, 2]);

test('the example with an EventSource shows each event once, over a restart behind a proxy', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  const board = await ada.makeBoard(pairs('Followed'));
  const other = await ada.makeBoard(pairs('Not followed'));
  const context = await it.visitors.browse();
  await offer(context, '/follow.html', read('../examples/clients/follow.html'));
  const page = await context.newPage();
  await page.goto(`/follow.html?board=${board.id}`);
  await expect.poll(() => shown(page), PATIENCE).toHaveLength(1);

  await restart(context, page, async () => {
    await ada.drawPath(other.id, UPPER);
    await ada.drawPath(board.id, UPPER);
  });
  await ada.deleteBoard(board.id);
  const events = (await logged(board.id)).map(
    (it) => `${it.id} ${it.type} ${JSON.stringify(it.data)}`,
  );
  expect(events).toHaveLength(3);
  await expect.poll(() => shown(page), PATIENCE).toEqual(events);
});

test('the example of the package does so in all tabs, over one stream', async () => {
  const bob = await Account.register(it.server.url, 'bob');
  const { id } = await bob.makeBoard(pairs('Shared'));
  const context = await it.visitors.browse();
  const [, example = ''] = /```js\n(.*?)```/s.exec(read('packages/stream/README.md')) ?? [];
  const script = example
    .replace("'https://boards.example'", 'location.origin')
    .replace('board: 7', `board: ${id}`);
  expect(script).toContain(`server: location.origin,\n  board: ${id},`);
  await offer(
    context,
    '/tab.html',
    `<!doctype html><pre id="events"></pre><button id="stop">Stop</button>
     <script type="importmap">{ "imports": { "@dotcast/stream": "/stream/index.js" } }</script>
     <script type="module">${script}</script>`,
  );
  await context.route('**/stream/*.js', (route) =>
    route.fulfill({
      path: path(`packages/stream/dist${new URL(route.request().url()).pathname.slice(7)}`),
    }),
  );
  const open = async () => {
    const page = await context.newPage();
    await page.goto('/tab.html');
    return page;
  };
  const told = async () =>
    (await logged(id))
      .filter(({ type }) => ['newPath', 'boardSolved'].includes(type))
      .map(({ id, type }) => `${id} ${type} by bob`);

  const before = it.server.streams();
  const [leader, other] = [await open(), await open()];
  await bob.drawPath(id, UPPER);
  for (const page of [leader, other])
    await expect.poll(() => shown(page), PATIENCE).toEqual(await told());
  await expect.poll(() => it.server.streams(), PATIENCE).toBe(before + 1);

  await restart(context, leader, () => bob.drawPath(id, LOWER));
  const events = await told();
  expect(events).toHaveLength(3);
  for (const page of [leader, other])
    await expect.poll(() => shown(page), PATIENCE).toEqual(events);

  // The other one takes over, and a later one goes on where they have come to.
  await leader.getByRole('button', { name: 'Stop' }).click();
  const later = await open();
  await bob.drawPath(id, UPPER);
  const all = await told();
  await expect.poll(() => shown(other), PATIENCE).toEqual(all);
  await expect.poll(() => shown(later), PATIENCE).toEqual(all.slice(3));
  expect(await shown(leader)).toEqual(events);
});
