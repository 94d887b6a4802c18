import { expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { isLive } from './harness/browser';
import { card } from './harness/page';
import { setup } from './harness/setup';

const it = setup(undefined, ['--stream-access', 'users', '--poll-interval', '50ms']);

test('where only users hear of what happens, a visitor is told, and hears it after the sign-in', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  const context = await it.visitors.browse();
  const page = await context.newPage();
  await page.goto('/#/');
  await page.getByRole('status').getByText('Not signed in', { exact: true }).waitFor();
  await page.getByText('Only users hear of what happens here.').waitFor();
  await ada.makeBoard(pairs('Unheard of'));

  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByRole('textbox', { name: 'Username' }).fill(ada.username);
  await page.getByLabel('Password', { exact: true }).fill(ada.password);
  await page.getByLabel('Password', { exact: true }).press('Enter');
  await isLive(page);
  await card(page, 'Unheard of').waitFor();

  // The session ends on another device.
  const [cookie] = await context.cookies();
  const answer = await fetch(`${it.server.url}/api/v1/sessions/current`, {
    method: 'DELETE',
    headers: { Authorization: `Bearer ${cookie?.value}` },
  });
  expect(answer.status).toBe(204);
  await page.getByRole('status').getByText('Not signed in', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
});
