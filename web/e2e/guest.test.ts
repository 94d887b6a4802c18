import type { BrowserContext, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Account, cells } from './harness/account';
import { pairs } from './harness/boards';
import { go, isLive } from './harness/browser';
import { cell, drag } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

/** Somebody with a board, on which a guest draws. */
async function boardOf(maker: string) {
  const account = await Account.register(it.server.url, maker);
  const { id } = await account.makeBoard(pairs(`Board of ${maker}`));
  return { account, id };
}

async function open(context: BrowserContext, id: number): Promise<Page> {
  const page = await go(context, `boards/${id}`);
  await cell(page, [0, 0]).waitFor();
  return page;
}

async function fillIn(page: Page, { username, password }: Pick<Account, 'username' | 'password'>) {
  await page.getByRole('textbox', { name: 'Username' }).fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Password', { exact: true }).press('Enter');
}

const signIn = async (page: Page, account: Account) => {
  await page.getByRole('main').getByRole('link', { name: 'Sign in', exact: true }).click();
  await fillIn(page, account);
};

const kept = (page: Page) => page.evaluate(() => localStorage.getItem('dotcast.lines'));

test('a guest draws at once; the lines wait, also over a reload and in another tab, for an account', async () => {
  const { id } = await boardOf('ada');
  const context = await it.visitors.browse();
  const page = await open(context, id);
  await drag(page, [0, 0], [0, 1]);
  expect(await page.getByRole('dialog').count()).toBe(0);
  await drag(page, [0, 1], [0, 2]);
  await page.getByText('One line is not saved yet.').waitFor();
  await page.getByText('1 of 2 joined').waitFor();
  await page.reload();
  await page.getByText('One line is not saved yet.').waitFor();

  const other = await open(context, id);
  await other.getByText('1 of 2 joined').waitFor();
  await drag(page, [2, 0], [2, 1]);
  await page.getByRole('button', { name: 'Save' }).click();
  await other.getByText('2 lines are not saved yet.').waitFor();

  await page.getByRole('link', { name: 'Sign up and save' }).click();
  await fillIn(page, { username: 'newcomer', password: 'a good password' });
  await page.getByRole('heading', { name: 'Board of ada' }).waitFor();
  const paths = () =>
    page.evaluate(async (id) => {
      const answer = await fetch(`/api/v1/boards/${id}/paths`);
      return (await answer.json()).items.map((it: { connects: string | null }) => it.connects);
    }, id);
  await expect.poll(paths).toEqual([null, '#f4503b']);
  await expect.poll(() => kept(page)).toBe('[]');
  await page.getByText('not saved yet').waitFor({ state: 'detached' });
  await other.getByText('not saved yet').waitFor({ state: 'detached' });
  await other.getByText('1 of 2 joined').waitFor();
});

test('a line that a guest has begun is there when they come back from signing in', async () => {
  const { account, id } = await boardOf('gus');
  const page = await open(await it.visitors.browse(), id);
  await cell(page, [0, 0]).focus();
  for (const key of ['Enter', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
  await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
  await fillIn(page, account);
  await page.getByText('3 cells').waitFor();
});

test('of a pair that the account has joined already the line is dropped, and that is said', async () => {
  const { account, id } = await boardOf('ida');
  await account.drawPath(id, cells([0, 0], [0, 1], [0, 2]));
  const page = await open(await it.visitors.browse(), id);
  await drag(page, [0, 0], [1, 0], [1, 2], [0, 2]);
  await signIn(page, account);
  await page.getByText('is joined already.').waitFor();
  expect((await account.paths(id)).items).toHaveLength(1);
  await expect.poll(() => kept(page)).toBe('[]');
});

test('a line whose answer was lost is saved once', async () => {
  const { account, id } = await boardOf('leo');
  const context = await it.visitors.browse();
  const page = await open(context, id);
  await drag(page, [0, 0], [0, 2]);
  // It arrives, and then the connection breaks.
  let isLost = false;
  await context.route('**/api/v1/boards/*/paths', async (route) => {
    if (route.request().method() === 'POST') {
      const { url } = it.server;
      const { pathname } = new URL(route.request().url());
      const headers = await route.request().allHeaders();
      const answer = await fetch(url + pathname, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'Idempotency-Key': headers['idempotency-key'] as string,
          Authorization: `Bearer ${(await context.cookies())[0]?.value}`,
        },
        body: route.request().postData(),
      });
      expect(answer.status).toBe(201);
      await route.abort();
      isLost = true;
    } else await route.fallback();
  });
  await signIn(page, account);
  await expect.poll(() => isLost, { timeout: 15_000 }).toBe(true);
  expect((await account.paths(id)).items).toHaveLength(1);

  await context.unrouteAll({ behavior: 'wait' });
  await page.reload();
  await expect.poll(() => kept(page)).toBe('[]');
  await page.getByText('1 of 2 joined').waitFor();
  expect((await account.paths(id)).items).toHaveLength(1);
});

test('a line that cannot be saved stays, and is saved when it can be', async () => {
  const { account, id } = await boardOf('mia');
  const context = await it.visitors.browse(account);
  const page = await open(context, id);
  await context.route('**/api/v1/boards/*/paths', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 503, json: { code: 'unavailable' } })
      : route.fallback(),
  );
  await drag(page, [0, 0], [0, 2]);
  await page.getByRole('alert').getByText('One line is not saved yet.').waitFor();
  await page.getByText('1 of 2 joined').waitFor();
  await page.reload();
  await page.getByRole('alert').getByText('One line is not saved yet.').waitFor();
  await context.unrouteAll({ behavior: 'wait' });
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('is joined.').waitFor();
  expect((await account.paths(id)).items).toHaveLength(1);
});

test('lines are saved for whoever has drawn them', async () => {
  const [{ account: ann, id }, { account: bob }] = await Promise.all([
    boardOf('ann'),
    boardOf('bob'),
  ]);
  const context = await it.visitors.browse(ann);
  const page = await open(context, id);
  await context.route('**/api/v1/boards/*/paths', (route) =>
    route.request().method() === 'POST' ? route.abort() : route.fallback(),
  );
  await drag(page, [0, 0], [0, 2]);
  await page.getByRole('alert').getByText('One line is not saved yet.').waitFor();
  await context.unrouteAll({ behavior: 'wait' });
  const signOut = async (name: string) => {
    await page.locator('summary', { hasText: name }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
  };
  await signOut('ann');
  await page.getByText('0 of 2 joined').waitFor();
  await drag(page, [2, 0], [2, 2]);
  await signIn(page, bob);
  await page.getByText('1 of 2 joined').waitFor();
  await expect.poll(async () => (await bob.paths(id)).items.length).toBe(1);

  await signOut('bob');
  await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
  await fillIn(page, ann);
  await expect.poll(async () => (await ann.paths(id)).items.length).toBe(1);
  expect((await bob.paths(id)).items).toHaveLength(1);
});

test('lines that do not fit any more are dropped, and that is said', async () => {
  const { account, id } = await boardOf('zoe');
  const context = await it.visitors.browse();
  const page = await open(context, id);
  await drag(page, [0, 0], [0, 2]);
  await drag(page, [2, 0], [2, 2]);
  await page.getByText('2 lines are not saved yet.').waitFor();
  const { dots, ...rest } = pairs('Smaller');
  await account.changeBoard(id, { ...rest, dots: dots.slice(0, 2) });
  await page.getByText('One of your lines did not fit any more.').waitFor();
  await page.getByText('One line is not saved yet.').waitFor();

  // The same while one is away.
  await page.goto('/activity');
  await account.changeBoard(id, { ...rest, dots: dots.slice(2) });
  await page.goto(`/boards/${id}`);
  await page.getByText('One of your lines did not fit any more.').waitFor();
  await drag(page, [2, 0], [2, 2]);
  await page.getByText('One line is not saved yet.').waitFor();

  await account.deleteBoard(id);
  await page.getByRole('heading', { name: 'This board is gone' }).waitFor();
  await page.getByText('A line that you drew on it was not saved yet').waitFor();
  await expect.poll(() => kept(page)).toBe('[]');
});

test('where nobody can sign up, one is asked to sign in', async () => {
  const { id } = await boardOf('kim');
  const context = await it.visitors.browse();
  await context.route('**/api/v1/users/registration', (route) =>
    route.fulfill({ json: { open: false } }),
  );
  const page = await open(context, id);
  await drag(page, [0, 0], [0, 2]);
  await page.getByRole('link', { name: 'Sign in and save' }).waitFor();
  expect(await page.getByRole('link', { name: 'Sign up' }).count()).toBe(0);
});

test('where storage is blocked, lines last until one has signed up', async () => {
  const { id } = await boardOf('joe');
  const context = await it.visitors.browse();
  await context.addInitScript(() => {
    for (const name of ['getItem', 'setItem'] as const)
      Storage.prototype[name] = () => {
        throw new DOMException('blocked', 'SecurityError');
      };
  });
  const page = await open(context, id);
  await drag(page, [0, 0], [0, 2]);
  await drag(page, [2, 0], [2, 2]);
  await page.getByText('2 lines are not saved yet.').waitFor();
  await page.getByRole('link', { name: 'Sign up and save' }).click();
  await fillIn(page, { username: 'forgetful', password: 'a good password' });
  await page.getByText('You are the first to solve this board.').waitFor();
});

test('solving a board as a guest is celebrated once, and counted with an account', async () => {
  const { id } = await boardOf('pia');
  const context = await it.visitors.browse();
  await context.addInitScript(() => {
    let celebrations = 0;
    new MutationObserver(() => {
      const is = document.querySelector('.celebrates') !== null;
      if (is && !Object.hasOwn(globalThis, 'celebrates')) celebrations += 1;
      if (is) Object.assign(globalThis, { celebrates: true });
      else Reflect.deleteProperty(globalThis, 'celebrates');
      Object.assign(globalThis, { celebrations });
    }).observe(document, { subtree: true, childList: true, attributeFilter: ['class'] });
  });
  const celebrations = (page: Page) =>
    page.evaluate(() => (globalThis as unknown as { celebrations: number }).celebrations);
  const page = await open(context, id);
  await drag(page, [0, 0], [0, 2]);
  await drag(page, [2, 0], [2, 2]);
  await page.getByText('Solved!').waitFor();
  await page.getByText('Sign up to have it counted.').waitFor();
  await page.locator('.celebrates').waitFor({ state: 'detached' });
  expect(await celebrations(page)).toBe(1);

  await page.getByRole('link', { name: 'Sign up and save' }).click();
  await fillIn(page, { username: 'solver', password: 'a good password' });
  await page.getByText('Solved!').waitFor();
  await page.getByText('You are the first to solve this board.').waitFor();
  expect(await celebrations(page)).toBe(1);

  await page.reload();
  await isLive(page);
  await page.getByText('You have solved this board.').waitFor();
  expect(await celebrations(page)).toBe(0);
});
