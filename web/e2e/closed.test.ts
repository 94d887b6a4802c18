import { expect, test } from 'vitest';
import { setup } from './harness/setup';

const it = setup(undefined, ['--registration', 'closed']);

test('where registration is closed, nobody is offered to create an account', async () => {
  const page = await it.visitors.visit('#/sign-up');
  await page.getByText('This server takes no new accounts.').waitFor();
  expect(await page.getByRole('textbox').count()).toBe(0);
  await page.getByRole('main').getByRole('link', { name: 'sign in' }).click();
  await page.getByRole('textbox', { name: 'Username' }).waitFor();
  expect(await page.getByRole('link', { name: 'Create an account' }).count()).toBe(0);
});
