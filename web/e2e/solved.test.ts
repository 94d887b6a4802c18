import type { BrowserContext, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Account, cells } from './harness/account';
import { pairs } from './harness/boards';
import { go } from './harness/browser';
import { drag } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

const RED = cells([0, 0], [0, 1], [0, 2]);
const BLUE = cells([2, 0], [2, 1], [2, 2]);

/** Records what is celebrated, also when it is over before one looks. */
async function watch(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const seen = { count: 0, is: false };
    new MutationObserver(() => {
      const is = document.querySelector('.celebrates') !== null;
      if (is && !seen.is) seen.count += 1;
      seen.is = is;
    }).observe(document, { subtree: true, childList: true, attributeFilter: ['class'] });
    Object.assign(globalThis, { seen });
  });
}

const celebrations = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { seen: { count: number } }).seen.count);

async function open(username: string, name = `Of ${username}`) {
  const account = await Account.register(it.server.url, username);
  const { id } = await account.makeBoard(pairs(name));
  const context = await it.visitors.browse(account);
  await watch(context);
  const page = await go(context, `boards/${id}`);
  await page.getByText('0 of 2 joined').waitFor();
  return { account, id, context, page };
}

test('solving a board is celebrated once, and remembered', async () => {
  const { page } = await open('ada');
  await drag(page, [0, 0], [0, 2]);
  await page.getByText('1 of 2 joined').waitFor();
  expect(await celebrations(page)).toBe(0);
  await drag(page, [2, 0], [2, 2]);
  await page.getByText('Solved!').waitFor();
  await page.getByText('You are the first to solve this board.').waitFor();
  await page.locator('.celebrates').waitFor({ state: 'detached' });
  expect(await celebrations(page)).toBe(1);
  // The focus is where it was.
  expect(await page.evaluate(() => document.activeElement?.closest('.solved') ?? null)).toBe(null);

  await page.reload();
  await page.getByText('You have solved this board.').waitFor();
  await page.getByText('You are the first to solve this board.').waitFor();
  expect(await page.getByText('Solved!').count()).toBe(0);
  expect(await celebrations(page)).toBe(0);
});

test('one is told how many others have solved a board', async () => {
  const { id, page } = await open('abe');
  for (const name of ['al', 'amos'].map((it) => `${it}-${id}`)) {
    const other = await Account.register(it.server.url, name);
    await other.drawPath(id, RED);
    await other.drawPath(id, BLUE);
  }
  await page.reload();
  await page.getByText('Solved by 2 people').waitFor();
  await drag(page, [0, 0], [0, 2]);
  await page.getByText('1 of 2 joined').waitFor();
  await drag(page, [2, 0], [2, 2]);
  await page.getByText('Solved by 3 people.').waitFor();
});

test('it is celebrated where it is seen, also in another tab', async () => {
  const { account, id, context, page } = await open('bea');
  const other = await go(context, `boards/${id}`);
  await other.getByText('0 of 2 joined').waitFor();
  await account.drawPath(id, RED);
  await account.drawPath(id, BLUE);
  for (const one of [page, other]) {
    await one.getByText('Solved!').waitFor();
    await expect.poll(() => celebrations(one)).toBe(1);
  }
});

test('the stream tells of it when reading the board again has failed', async () => {
  const { page, id } = await open('cam');
  await drag(page, [0, 0], [0, 2]);
  await page.getByText('1 of 2 joined').waitFor();
  let failures = 0;
  await page.route(`**/api/v1/boards/${id}`, (route) => {
    failures += 1;
    return failures > 1 ? route.continue() : route.abort();
  });
  await drag(page, [2, 0], [2, 2]);
  await page.getByText('Solved!').waitFor();
  expect(failures).toBeGreaterThan(0);
});

test('from a solved board one goes on to the nearest that is not', async () => {
  const { account, page } = await open('dee', 'Third');
  const solver = await Account.register(it.server.url, 'solver');
  const context = await it.visitors.browse(solver);
  const oldest = await account.makeBoard(pairs('Oldest'));
  const done = await account.makeBoard(pairs('Done'));
  const last = await account.makeBoard(pairs('Last'));
  for (const way of [RED, BLUE]) for (const { id } of [done, last]) await solver.drawPath(id, way);
  await page.close();
  const his = await go(context, `boards/${last.id}`);
  await his.getByText('You have solved this board.').waitFor();
  await his.getByRole('button', { name: 'Next board' }).click();
  await his.getByRole('heading', { name: 'Oldest' }).waitFor();
  expect(new URL(his.url()).pathname).toBe(`/boards/${oldest.id}`);
});

test('after the oldest board come the newest, until there are none', async () => {
  const server = it.server;
  const eve = await Account.register(server.url, 'eve');
  const fay = await Account.register(server.url, 'fay');
  // All that others have made on this server is solved by her first.
  const first = await fetch(`${server.url}/api/v1/boards?limit=200`).then((it) => it.json());
  for (const { id } of first.items) for (const way of [RED, BLUE]) await fay.drawPath(id, way);
  const newest = await eve.makeBoard(pairs('Newest'));
  const page = await it.visitors.visit(`boards/${first.items.at(-1).id}`, fay);
  await page.getByRole('button', { name: 'Next board' }).click();
  await page.getByRole('heading', { name: 'Newest' }).waitFor();
  for (const way of [RED, BLUE]) await fay.drawPath(newest.id, way);
  await page.getByText('Solved!').waitFor();
  await page.getByRole('button', { name: 'Next board' }).click();
  await page.getByText('You have solved all boards that there are.').waitFor();
});

test('what one has solved can be shared', async () => {
  const { account, id, context } = await open('gil');
  for (const way of [RED, BLUE]) await account.drawPath(id, way);
  const link = `${it.server.origin}/boards/${id}`;
  await context.addInitScript(() => {
    Object.defineProperty(navigator, 'share', {
      configurable: true,
      value: async (what: ShareData) => Object.assign(globalThis, { shared: what }),
    });
  });
  const page = await go(context, `boards/${id}`);
  await page.getByRole('button', { name: 'Share' }).click();
  const shared = () => page.evaluate(() => (globalThis as unknown as { shared: ShareData }).shared);
  await expect.poll(shared).toEqual({ title: 'Of gil', text: 'I solved Of gil', url: link });

  // Somebody who thinks better of it is told nothing.
  const refuse = (name: string) =>
    page.evaluate((reason) => {
      Object.defineProperty(navigator, 'share', {
        configurable: true,
        value: async () => {
          Object.assign(globalThis, { shared: reason });
          throw new DOMException('no', reason);
        },
      });
    }, name);
  await refuse('AbortError');
  await page.getByRole('button', { name: 'Share' }).click();
  await expect.poll(shared).toBe('AbortError');
  // Where the system does not do it, it is copied; where it cannot be, it is shown.
  await refuse('NotAllowedError');
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByText(/^Link copied\.$|\/boards\/\d+$/).waitFor();

  // Where the system has no way to share, it is copied; where it cannot be, it is shown.
  await page.evaluate(() => {
    Reflect.deleteProperty(navigator, 'share');
    Reflect.deleteProperty(Navigator.prototype, 'share');
  });
  if (await page.evaluate(() => isSecureContext)) {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByText('Link copied.').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toBe(`I solved Of gil: ${link}`);
  } else {
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByText(link).waitFor();
  }
});

test('of lines that cross one is told which', async () => {
  const { page } = await open('jan');
  await drag(page, [0, 0], [1, 0], [1, 2], [0, 2]);
  await page.getByText('1 of 2 joined').waitFor();
  await drag(page, [2, 0], [1, 0], [1, 2], [2, 2]);
  await page.getByText('These lines cross.').waitFor();
  await page.getByRole('listitem').getByText('Red and blue').waitFor();
  expect(await page.getByText('Solved!').count()).toBe(0);
  await page.getByRole('button', { name: /^Delete path 1/ }).click();
  await page.getByText('These lines cross.').waitFor({ state: 'detached' });
  await drag(page, [0, 0], [0, 2]);
  await page.getByText('Solved!').waitFor();
});
