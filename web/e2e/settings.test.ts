import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { go } from './harness/browser';
import { activity, toasts } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

const isDark = (page: Page) =>
  page.evaluate(() => document.documentElement.dataset.theme === 'dark');
const heading = (page: Page) => page.getByRole('heading', { level: 1 }).innerText();

test('guests and users come to the settings by the menu, with the keyboard', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  for (const account of [undefined, ada]) {
    const page = await it.visitors.visit('#/', account);
    const menu = page.locator('summary', { hasText: account ? 'Account of ada' : 'Menu' });
    await menu.press('Enter');
    await page.getByRole('link', { name: 'Settings' }).press('Enter');
    await expect.poll(() => heading(page)).toBe('Settings');
    // The menu does not stay open over the view that it led to.
    await page.getByRole('link', { name: 'Settings' }).waitFor({ state: 'hidden' });
  }
});

test('the log and the API are in the menu, for developers', async () => {
  const page = await it.visitors.visit('#/', undefined, { viewport: { width: 360, height: 640 } });
  const main = page.getByRole('navigation', { name: 'Main' });
  expect(await main.getByRole('link').allInnerTexts()).toEqual(['Boards', 'Activity', 'New board']);
  await page.locator('summary', { hasText: 'Menu' }).click();
  const links = page.getByRole('list', { name: 'For developers' }).getByRole('link');
  expect(await links.allInnerTexts()).toEqual(['Event log', 'API']);
  expect(await links.last().getAttribute('href')).toBe('/docs');
  await links.first().click();
  await page.getByText('Stream is open').waitFor();
});

test('what is typed for the log stays while events come', async () => {
  const zoe = await Account.register(it.server.url, 'zoe');
  const page = await it.visitors.visit('#/log');
  await page.getByText('Stream is open').waitFor();
  const id = page.getByRole('textbox', { name: 'Only board ids' });
  await id.pressSequentially('4x, 2');
  await zoe.makeBoard(pairs('Meanwhile'));
  await page.getByRole('region', { name: 'Events' }).getByText('Meanwhile').waitFor();
  expect(await id.inputValue()).toBe('4x, 2');
  await id.press('Enter');
  await expect.poll(() => id.inputValue()).toBe('4,2');
  await page.getByRole('code').getByText('board_id=4,2').waitFor();
});

test('the language changes at once, in all tabs, and stays', async () => {
  const context = await it.visitors.browse();
  const page = await go(context, '#/settings');
  const other = await go(context, '#/settings');
  await page.getByRole('radio', { name: 'Polski' }).check();
  for (const tab of [page, other]) {
    await expect.poll(() => heading(tab)).toBe('Ustawienia');
    await expect.poll(() => tab.getAttribute('html', 'lang')).toBe('pl');
  }
  await expect.poll(() => other.getByRole('radio', { name: 'Polski' }).isChecked()).toBe(true);
  await page.reload();
  await expect.poll(() => heading(page)).toBe('Ustawienia');
  await page.getByRole('radio', { name: 'English' }).check();
  await expect.poll(() => heading(other)).toBe('Settings');
});

test('the colour scheme is the system’s until one chooses, and again when one wishes', async () => {
  const page = await it.visitors.visit('#/settings', undefined, { colorScheme: 'dark' });
  expect(await isDark(page)).toBe(true);
  await page.getByRole('radio', { name: 'Light' }).check();
  await expect.poll(() => isDark(page)).toBe(false);
  await page.reload();
  await page.getByRole('radio', { name: 'Light' }).waitFor();
  expect(await isDark(page)).toBe(false);
  await page.getByRole('radio', { name: 'Same as the system' }).check();
  await expect.poll(() => isDark(page)).toBe(true);
  await page.emulateMedia({ colorScheme: 'light' });
  await expect.poll(() => isDark(page)).toBe(false);
});

test('letters in the dots come and go with their choice, also where another tab shows a board', async () => {
  const liz = await Account.register(it.server.url, 'liz');
  const { id } = await liz.makeBoard(pairs('Lettered'));
  const context = await it.visitors.browse();
  const page = await go(context, '#/settings');
  const board = await go(context, `#/boards/${id}`);
  const letter = board.getByRole('grid').locator('text', { hasText: 'A' });
  const choice = page.getByRole('checkbox', { name: 'Letters in the dots' });
  await choice.check();
  await letter.first().waitFor();
  await choice.uncheck();
  await letter.first().waitFor({ state: 'detached' });
});

test('one is not told of kinds that one has muted, in any tab, and Activity lists them', async () => {
  const bob = await Account.register(it.server.url, 'bob');
  const context = await it.visitors.browse();
  const page = await go(context, '#/settings');
  const other = await go(context, '#/');
  await page.getByRole('checkbox', { name: 'Paths that others save' }).uncheck();
  const { id } = await bob.makeBoard(pairs('Heard of'));
  await bob.drawPath(id, [
    { row: 0, col: 0 },
    { row: 0, col: 1 },
  ]);
  await bob.changeBoard(id, pairs('Heard of again'));
  for (const tab of [page, other]) {
    await toasts(tab).getByText('Heard of again').waitFor();
    await tab.getByRole('link', { name: 'Activity 2 unread' }).waitFor();
    expect(await toasts(tab).getByText('saved a path').count()).toBe(0);
  }

  await page.getByRole('checkbox', { name: 'Mute everything' }).check();
  for (const tab of [page, other]) {
    await tab.getByRole('link', { name: 'Activity', exact: true }).waitFor();
  }
  const isOff = page.getByRole('checkbox', { name: 'New boards' }).isDisabled();
  expect(await isOff).toBe(true);
  await other.getByRole('link', { name: 'Activity', exact: true }).click();
  await bob.makeBoard(pairs('Not heard of'));
  await expect
    .poll(async () => (await activity(other)).slice(0, 4).map((it) => it.replace(/ new$/, '')))
    .toEqual([
      'bob made the board Not heard of',
      'bob changed the board Heard of again',
      'bob saved a path on Heard of',
      'bob made the board Heard of',
    ]);
  expect(await toasts(other).getByText('Not heard of').count()).toBe(0);
});

describe('where code for a view cannot be loaded', () => {
  test('that is said, and it can be tried again', async () => {
    const page = await it.visitors.visit('#/');
    await page.route('**/assets/Log-*', (route) => route.abort());
    await page.locator('summary', { hasText: 'Menu' }).click();
    await page.getByRole('link', { name: 'Event log' }).click();
    await page.getByText('This part of the page could not be loaded.').waitFor();
    expect(await heading(page)).toBe('Log');
    await page.unrouteAll({ behavior: 'wait' });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Stream is open').waitFor();
  });

  test('the page can be loaded again, as after an update', async () => {
    const page = await it.visitors.visit('#/');
    await page.route('**/assets/Settings-*', (route) => route.abort());
    await page.locator('summary', { hasText: 'Menu' }).click();
    await page.getByRole('link', { name: 'Settings' }).click();
    const reload = page.getByRole('button', { name: 'Reload the page' });
    await reload.waitFor();
    await page.unrouteAll({ behavior: 'wait' });
    await reload.click();
    await page.getByRole('radio', { name: 'English' }).waitFor();
  });

  test('a language that is not there is named, and the page goes on in the one before', async () => {
    const page = await it.visitors.visit('#/settings');
    await page.route('**/assets/pl-*', (route) => route.abort());
    await page.getByRole('radio', { name: 'Polski' }).check();
    await page.getByText('This language could not be loaded.').waitFor();
    await page.unrouteAll({ behavior: 'wait' });
    await page.getByRole('button', { name: 'Reload the page' }).click();
    await expect.poll(() => heading(page)).toBe('Ustawienia');
  });
});
