import { expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { go, isLive } from './harness/browser';
import { card } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

test('every view has an address that can be opened, reloaded and left', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  const board = await ada.makeBoard(pairs('Shared'));
  const page = await it.visitors.visit('', ada);
  const { origin } = new URL(page.url());
  await card(page, 'Shared').click();
  await page.waitForURL(`${origin}/boards/${board.id}`);
  await page.reload();
  await page.getByRole('heading', { name: 'Shared' }).waitFor();
  await expect.poll(() => page.title()).toContain('Shared');

  await page.getByRole('link', { name: 'Edit' }).click();
  await page.waitForURL(`${origin}/boards/${board.id}/edit`);
  await page.getByRole('link', { name: 'Activity' }).click();
  await page.waitForURL(`${origin}/activity`);
  await page.goBack();
  await page.goBack();
  await page.waitForURL(`${origin}/boards/${board.id}`);
  await page.getByRole('heading', { name: 'Shared' }).waitFor();
  await page.goForward();
  await page.getByRole('textbox', { name: 'Name' }).waitFor();
});

test('links of before lead where they led', async () => {
  const bob = await Account.register(it.server.url, 'bob');
  const board = await bob.makeBoard(pairs('Old link'));
  const page = await it.visitors.visit(`#/boards/${board.id}`);
  const { origin } = new URL(page.url());
  await page.getByRole('heading', { name: 'Old link' }).waitFor();
  expect(page.url()).toBe(`${origin}/boards/${board.id}`);
  // Also when one is pasted into a tab that shows the page.
  await page.evaluate(() => {
    location.hash = '#/activity';
  });
  await page.getByRole('heading', { name: 'Activity' }).waitFor();
  expect(page.url()).toBe(`${origin}/activity`);
});

test('a link opens in another tab when one asks for that', async () => {
  const page = await it.visitors.visit('');
  const opened = page.context().waitForEvent('page');
  await page.getByRole('link', { name: 'Activity' }).click({ modifiers: ['ControlOrMeta'] });
  const other = await opened;
  await isLive(other);
  await other.getByRole('heading', { name: 'Activity' }).waitFor();
  await page.getByRole('heading', { name: 'Boards' }).waitFor();
});

test('going back leads to where the list was scrolled', async () => {
  const eve = await Account.register(it.server.url, 'eve');
  for (let number = 0; number < 30; number += 1) await eve.makeBoard(pairs(`Board ${number}`));
  const page = await it.visitors.visit('');
  await card(page, 'Board 3').scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => scrollY);
  expect(before).toBeGreaterThan(0);
  await card(page, 'Board 3').click();
  await page.getByRole('heading', { name: 'Board 3' }).waitFor();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.goBack();
  await card(page, 'Board 3').waitFor();
  await page.waitForFunction((y) => Math.abs(scrollY - y) < 2, before);
});

test('the link of a board can be copied, and a board made like it', async () => {
  const context = await it.visitors.browse(await Account.register(it.server.url, 'lin'));
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const kim = await Account.register(it.server.url, 'kim');
  const board = await kim.makeBoard(pairs('Original'));
  const page = await go(context, `boards/${board.id}`);
  await page.getByRole('button', { name: 'Copy link' }).click();
  const link = `${new URL(page.url()).origin}/boards/${board.id}`;
  if (await page.evaluate(() => isSecureContext)) {
    await page.getByText('Link copied.').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
  } else {
    // There is no clipboard. It can be taken from the page.
    await page.getByText(link).waitFor();
  }

  await page.locator('summary', { hasText: 'More' }).click();
  // Only its creator can delete it.
  expect(await page.getByRole('button', { name: 'Delete board' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Make a board like this' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Likeness');
  await page.getByRole('button', { name: 'Save board' }).click();
  await page.getByRole('heading', { name: 'Likeness' }).waitFor();
  await page.getByText('0 of 2 joined').waitFor();
});

test('each user has a page with the boards that they have made', async () => {
  const [mia, max] = await Promise.all([
    Account.register(it.server.url, 'mia'),
    Account.register(it.server.url, 'max'),
  ]);
  for (let number = 1; number <= 51; number += 1) await mia.makeBoard(pairs(`Mia ${number}`));
  await max.makeBoard(pairs('Max 1'));
  const page = await it.visitors.visit('', max);
  await card(page, 'Mia 51').click();
  await page.getByRole('link', { name: 'mia' }).click();
  await page.getByRole('heading', { name: 'Boards by mia' }).waitFor();
  await card(page, 'Mia 51').waitFor();
  expect(await card(page, 'Max 1').count()).toBe(0);
  await page.getByRole('button', { name: 'Load more' }).click();
  await card(page, 'Mia 1').waitFor();
  expect(await page.getByRole('button', { name: 'Load more' }).count()).toBe(0);

  await page.locator('summary', { hasText: 'Account of max' }).click();
  await page.getByRole('link', { name: 'My boards' }).click();
  await page.getByRole('heading', { name: 'My boards' }).waitFor();
  await card(page, 'Max 1').waitFor();
  await page.goto('/u/nobody');
  await page.getByText('There are none.').waitFor();
});
