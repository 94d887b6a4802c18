import { afterEach, describe, expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { ENGINES, EngineBrowser } from './harness/engine';
import { setup } from './harness/setup';
import { Tab } from './harness/tab';

const it = setup();

describe.each(ENGINES)('where cookies and storage are blocked, in %s', (engine) => {
  let browser: EngineBrowser | undefined;
  afterEach(() => browser?.close());

  test('the page is live, and the sign-in says what it lacks', async () => {
    const account = await Account.register(it.server.url, `blocked-${engine}`);
    browser = await EngineBrowser.start(engine, it.server, { blocksStorage: true });
    const tab = await Tab.first(browser.driver, it.server.origin);
    await tab.open('/#/');
    await tab.isLive();
    await account.makeBoard(pairs(`Seen in ${engine}`));
    await tab.sees(`made the board Seen in ${engine}`);
    const other = await tab.another();
    await other.open('/#/sign-in');
    await other.isLive();
    await other.fill('Username', account.username);
    await other.fill('Password', account.password);
    await other.run(() => document.querySelector('form')?.requestSubmit());
    await other.sees('Allow cookies for this site');
  });

  test('what one chooses lasts as long as the page', async () => {
    browser = await EngineBrowser.start(engine, it.server, { blocksStorage: true });
    const tab = await Tab.first(browser.driver, it.server.origin);
    await tab.open('/settings');
    await tab.sees('Settings');
    await tab.isLive();
    expect(await tab.run(keepsNothing)).toBe(true);
    await expect.poll(() => tab.run(choosePolish)).toBe(true);
    await tab.sees('Ustawienia');
    await tab.press('Aktywność');
    await tab.sees('Nowa plansza');
    await tab.reload();
    await tab.sees('New board');
  });
});

// These run in the page and know nothing from outside.

function keepsNothing(): boolean {
  try {
    localStorage.setItem('kept', 'yes');
    return localStorage.getItem('kept') === null;
  } catch {
    return true;
  }
}

function choosePolish(): boolean {
  const choice = document.querySelector<HTMLInputElement>('[lang="pl"] input');
  choice?.click();
  return choice?.checked ?? false;
}
