import type { BrowserContext, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { go } from './harness/browser';
import { drag } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

async function fill(page: Page, username: string, password: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Username' }).fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Password', { exact: true }).press('Enter');
}

/** Ends the session in which a browser is, as another device can. */
async function revoke(context: BrowserContext): Promise<void> {
  const [cookie] = await context.cookies();
  const answer = await fetch(`${it.server.url}/api/v1/sessions/current`, {
    method: 'DELETE',
    headers: { Authorization: `Bearer ${cookie?.value}` },
  });
  expect(answer.status).toBe(204);
}

test('one can sign up, out and in', async () => {
  const page = await it.visitors.visit('#/');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'Create an account' }).click();
  // The server says what is wrong, beside the fields.
  await fill(page, 'a!', 'short');
  const username = page.getByRole('textbox', { name: 'Username' });
  await expect.poll(() => username.getAttribute('aria-invalid')).toBe('true');
  const password = page.getByLabel('Password', { exact: true });
  expect(await password.getAttribute('aria-invalid')).toBe('true');

  await fill(page, 'newcomer', 'a good password');
  const account = page.locator('summary', { hasText: 'newcomer' });
  await account.click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await fill(page, 'newcomer', 'not that one');
  await page.getByText('That username and password do not match.').waitFor();
  await fill(page, 'newcomer', 'a good password');
  await account.waitFor();
  await page.getByRole('heading', { name: 'Boards', exact: true }).waitFor();
});

test('a username that is taken is said so', async () => {
  await Account.register(it.server.url, 'taken');
  const page = await it.visitors.visit('#/sign-up');
  await fill(page, 'Taken', 'a good password');
  await page.getByText('That username is taken.').waitFor();
});

test('a session that has ended leads to the sign-in, and back to what one was at', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  const board = await ada.makeBoard(pairs('Interrupted'));
  const context = await it.visitors.browse(ada);
  const page = await go(context, `#/boards/${board.id}`);
  await page.getByText('0 of 2 joined').waitFor();
  await revoke(context);

  await drag(page, [0, 0], [0, 2]);
  await page.getByText('Your session has ended').waitFor();
  await fill(page, ada.username, ada.password);
  await page.getByRole('heading', { name: 'Interrupted' }).waitFor();
  // The line that could not be saved is saved now.
  await page.getByText('1 of 2 joined').waitFor();
  expect((await ada.paths(board.id)).items).toHaveLength(1);
});

test('a session that has ended does not lose what was edited', async () => {
  const eve = await Account.register(it.server.url, 'eve');
  const context = await it.visitors.browse(eve);
  const page = await go(context, '#/new');
  await page.getByRole('textbox', { name: 'Name' }).fill('Unsaved');
  await revoke(context);
  await page.getByRole('button', { name: 'Save board' }).click();
  await page.getByText('Your session has ended').waitFor();
  await fill(page, eve.username, eve.password);
  await page.getByRole('heading', { name: 'Unsaved' }).waitFor();
});

test('whoever signs in in one tab is signed in in the others', async () => {
  const bob = await Account.register(it.server.url, 'bob');
  const context = await it.visitors.browse();
  const one = await go(context, '#/');
  const other = await go(context, '#/sign-in');
  await fill(other, bob.username, bob.password);
  await one.locator('summary', { hasText: 'bob' }).waitFor();
});

test('where the session does not get through, the sign-in says that it takes cookies', async () => {
  const amy = await Account.register(it.server.url, 'amy');
  const page = await it.visitors.visit('#/sign-in');
  // As through a proxy that drops them: the answer comes without its cookie.
  await page.route('**/api/v1/sessions', async (route) => {
    const request = route.request();
    const answer = await fetch(`${it.server.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: request.postData(),
    });
    await route.fulfill({ status: answer.status, json: await answer.json() });
  });
  await fill(page, amy.username, amy.password);
  await page.getByText('Allow cookies for this site').waitFor();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});
