import { afterEach, describe, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { EngineBrowser } from './harness/engine';
import { setup } from './harness/setup';
import { Tab } from './harness/tab';

const it = setup();

// WebKitGTK's browser has no setting for this that its driver can reach.
describe.each(['chromium', 'firefox'] as const)(
  'where cookies and storage are blocked, in %s',
  (engine) => {
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
  },
);
