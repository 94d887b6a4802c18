import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { go } from './harness/browser';
import { setup } from './harness/setup';

const it = setup();

async function administrator(name: string): Promise<Account> {
  const account = await Account.register(it.server.url, name);
  await it.server.run('user', 'promote', name);
  return account;
}

const section = (page: Page, name: string) => page.getByRole('region', { name });
const user = (page: Page, name: string) =>
  section(page, 'Users')
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name, exact: true }) });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

test('only administrators are led there, and others are told why there is nothing', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  for (const [account, words] of [
    [undefined, 'Sign in as an administrator to see this page.'],
    [ada, 'Only administrators see this page.'],
  ] as const) {
    const page = await it.visitors.visit('#/admin', account);
    await page.getByText(words).waitFor();
    await page.locator('.user-menu summary').click();
    await page.getByRole('link', { name: 'Settings' }).waitFor();
    expect(await page.getByRole('link', { name: 'Administration' }).count()).toBe(0);
  }
  const page = await it.visitors.visit('#/', await administrator('chief'));
  await page.locator('.user-menu summary').press('Enter');
  await page.getByRole('link', { name: 'Administration' }).press('Enter');
  await user(page, 'chief').getByText('administrator').waitFor();
  // Somebody else takes that away while one looks.
  await it.server.run('user', 'demote', 'chief', '--yes');
  await page.getByRole('searchbox', { name: 'Search by name' }).fill('chief');
  await page.getByText('Only administrators see this page.').waitFor();
});

test('users are found, and what cannot be taken back is asked first', async () => {
  const root = await administrator('root');
  const eve = await Account.register(it.server.url, 'eve');
  await Account.register(it.server.url, 'mallory');
  await eve.makeBoard(pairs('Hers'));
  const page = await it.visitors.visit('#/admin', root);
  await page.getByRole('searchbox', { name: 'Search by name' }).fill('EV');
  await user(page, 'eve').getByText('1 board, registered').waitFor();
  await expect.poll(() => user(page, 'mallory').count()).toBe(0);

  // The safe answer has the focus, and Escape is another one.
  await button(page, 'Disable: eve').press('Enter');
  const question = page.getByRole('dialog', { name: 'Disable eve?' });
  await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Cancel');
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'detached' });
  expect(await button(page, 'Disable: eve').evaluate((it) => it === document.activeElement)).toBe(
    true,
  );

  const hers = await it.visitors.visit('#/settings', eve);
  await button(page, 'End sessions: eve').click();
  await page.getByRole('dialog').getByRole('button', { name: 'End sessions' }).click();
  await page.getByText('All sessions of eve have ended.').waitFor();
  await hers.reload();
  await hers.getByRole('banner').getByRole('link', { name: 'Sign in' }).waitFor();

  await button(page, 'Disable: eve').click();
  await question.getByRole('button', { name: 'Disable' }).click();
  await page.getByText('eve is disabled.').waitFor();
  await user(page, 'eve').getByText('disabled', { exact: true }).waitFor();
  await button(page, 'Enable: eve').click();
  await page.getByText('eve can sign in again.').waitFor();
  await button(page, 'Make administrator: eve').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make administrator' }).click();
  await button(page, 'Make ordinary user: eve').click();
  await page.getByText('eve is an ordinary user now.').waitFor();
});

test('the log is described and trimmed, and the open streams are listed', async () => {
  const keeper = await administrator('keeper');
  const context = await it.visitors.browse(keeper);
  const log = await go(context, '#/log');
  await log.getByRole('textbox', { name: 'Only board ids' }).fill('7');
  await log.keyboard.press('Enter');
  await log.getByText('Stream is open').waitFor();
  await keeper.makeBoard(pairs('Old'));
  const page = await go(context, '#/admin');
  const facts = section(page, 'Event log');
  const fact = (name: string) =>
    facts.locator('dl > div').filter({ hasText: name }).locator('dd').innerText();
  await expect.poll(() => fact('Oldest event')).toBe('1');

  const streams = section(page, 'Open streams').getByRole('listitem');
  // The list is read again and again.
  await streams.filter({ hasText: 'only boards: 7' }).getByText('127.0.0.1').waitFor();
  await streams.filter({ hasText: 'all events' }).first().waitFor();

  const days = page.getByRole('textbox', { name: 'Delete events older than, in days' });
  await days.fill('a week');
  await button(page, 'Delete old events').click();
  await page.getByText('Give a whole number of days, up to 36,500.').waitFor();
  await days.fill('0');
  await days.press('Enter');
  const question = page.getByRole('dialog', { name: 'Delete all events?' });
  await question.getByRole('button', { name: 'Delete old events' }).click();
  await facts.getByText(/^\d+ events? (was|were) deleted\.$/).waitFor();
  await expect.poll(() => fact('Oldest event')).toBe('nothing');
});
