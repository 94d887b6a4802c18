import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { go } from './harness/browser';
import { see, toasts } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

/** Notifications come a few seconds apart. */
const LATER = { timeout: 15_000 };

interface Shown {
  title: string;
  tag: string;
}

/** Takes note of the browser's own notifications, which are outside of the page. */
function record(): void {
  const shown: Notification[] = [];
  const Native = Notification;
  class Recorded extends Native {
    #isOpen = true;
    constructor(title: string, options?: NotificationOptions) {
      super(title, options);
      // One that is closed at once was only a trial.
      queueMicrotask(() => this.#isOpen && shown.push(this));
    }
    get isOpen(): boolean {
      return this.#isOpen;
    }
    override close(): void {
      this.#isOpen = false;
      super.close();
    }
  }
  Object.assign(globalThis, { Notification: Recorded, shown });
}

const shown = (page: Page): Promise<Shown[]> =>
  page.evaluate(() =>
    (globalThis as unknown as { shown: Notification[] }).shown.map(({ title, tag }) => ({
      title,
      tag,
    })),
  );
const titles = async (page: Page) => (await shown(page)).map((it) => it.title);

/** A browser that lets the page notify, and which a visitor has told to. */
async function browse(account?: Account): Promise<BrowserContext> {
  const context = await it.visitors.browse(account);
  await context.grantPermissions(['notifications']);
  await context.addInitScript(record);
  const page = await go(context, '#/settings');
  await page.getByRole('button', { name: 'Turn on notifications' }).click();
  await page.getByText('Your browser notifies you').waitFor();
  await page.close();
  return context;
}

test('nobody is asked or notified until they turn it on', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  const context = await it.visitors.browse();
  await context.grantPermissions(['notifications']);
  await context.addInitScript(record);
  await context.addInitScript(() => {
    Notification.requestPermission = () => {
      throw new Error('nobody wanted to be asked');
    };
  });
  const page = await go(context, '#/');
  await see(page, false);
  await ada.makeBoard(pairs('Quiet'));
  await toasts(page).getByText('Quiet').waitFor();
  expect(await shown(page)).toEqual([]);
});

test('what others do is told while the page is hidden, and a click leads to it', async () => {
  const bob = await Account.register(it.server.url, 'bob');
  const me = await Account.register(it.server.url, 'myself');
  const page = await go(await browse(me), '#/');
  await bob.makeBoard(pairs('In view'));
  await toasts(page).getByText('In view').waitFor();
  await see(page, false);
  await me.makeBoard(pairs('My own'));
  await bob.makeBoard(pairs('Out of view'));
  await expect.poll(() => titles(page)).toEqual(['bob made the board Out of view']);

  await page.evaluate(() => {
    const [first] = (globalThis as unknown as { shown: Notification[] }).shown;
    first?.dispatchEvent(new Event('click'));
  });
  await page.getByRole('heading', { name: 'Out of view' }).waitFor();
});

test('what comes close together shares a notification, which takes the place of the one before', async () => {
  const eve = await Account.register(it.server.url, 'eve');
  const page = await go(await browse(), '#/');
  await see(page, false);
  for (const name of ['First', 'Second', 'Third']) await eve.makeBoard(pairs(name));
  await expect
    .poll(() => titles(page), LATER)
    .toContainEqual(expect.stringMatching(/^eve made the board Third/));
  const all = await shown(page);
  expect(all.length).toBeLessThanOrEqual(2);
  const told = all.map(({ title }) => 1 + Number(/, and (\d) more$/.exec(title)?.[1] ?? 0));
  expect(told.reduce((a, b) => a + b, 0)).toBe(3);
  expect(new Set(all.map((it) => it.tag)).size).toBe(1);
});

test('a notification with a name that is erased is taken away', async () => {
  const lou = await Account.register(it.server.url, 'lou');
  const page = await go(await browse(), '#/');
  await see(page, false);
  await lou.makeBoard(pairs('Signed'));
  await expect.poll(() => titles(page)).toEqual(['lou made the board Signed']);
  const isOpen = () =>
    page.evaluate(
      () => (globalThis as unknown as { shown: { isOpen: boolean }[] }).shown[0]?.isOpen,
    );
  expect(await isOpen()).toBe(true);
  await it.server.run('user', 'erase', 'lou', '--yes');
  await expect.poll(isOpen, LATER).toBe(false);
});

test('one tab notifies, and none while another is in view', async () => {
  const kim = await Account.register(it.server.url, 'kim');
  const context = await browse();
  const tabs = [await go(context, '#/'), await go(context, '#/'), await go(context, '#/')];
  const [leader, ...others] = tabs as [Page, Page, Page];
  const all = async () => (await Promise.all(tabs.map(titles))).flat();
  const make = async (name: string) => {
    await kim.makeBoard(pairs(name));
    for (const tab of tabs) await toasts(tab).getByText(name).waitFor();
  };

  await see(leader, false);
  await see(others[0], false);
  await make('Seen in the third');
  await see(others[1], false);
  await make('Seen in none');
  await expect.poll(all, LATER).toEqual(['kim made the board Seen in none']);

  await see(others[0], true);
  await make('Seen in the second');
  await see(others[0], false);
  await make('Seen in none again');
  await expect
    .poll(all, LATER)
    .toEqual(['kim made the board Seen in none', 'kim made the board Seen in none again']);
});

test('muted kinds are not notified of', async () => {
  const max = await Account.register(it.server.url, 'max');
  const context = await browse();
  const page = await go(context, '#/settings');
  await page.getByRole('checkbox', { name: 'New boards' }).uncheck();
  await see(page, false);
  const { id } = await max.makeBoard(pairs('Muted'));
  await max.changeBoard(id, pairs('Not muted'));
  await expect.poll(() => titles(page)).toEqual(['max changed the board Not muted']);
});

describe('where there can be none, it says why', () => {
  const says = async (break_: () => void, words: string) => {
    const context = await it.visitors.browse();
    await context.grantPermissions(['notifications']);
    await context.addInitScript(break_);
    const page = await go(context, '#/settings');
    const button = page.getByRole('button', { name: 'Turn on notifications' });
    if (await button.isVisible()) await button.click();
    await page.getByText(words).waitFor();
    expect(await button.count()).toBe(0);
  };

  test('blocked by the visitor', () =>
    says(
      () => Object.defineProperty(Notification, 'permission', { value: 'denied' }),
      'Your browser blocks notifications',
    ));

  test('refused when asked', () =>
    says(() => {
      let permission = 'default';
      Object.defineProperty(Notification, 'permission', { get: () => permission });
      Notification.requestPermission = async () => {
        permission = 'denied';
        return 'denied';
      };
    }, 'Your browser blocks notifications'));

  test('without encryption', () =>
    says(
      () => Object.defineProperty(globalThis, 'isSecureContext', { value: false }),
      'encrypted connection (HTTPS)',
    ));

  test('without the interface', () =>
    says(
      () => Reflect.deleteProperty(globalThis, 'Notification'),
      'does not let pages show notifications',
    ));

  test('with one that pages cannot use, as on phones', () =>
    says(() => {
      class Refused {
        static readonly permission = 'granted';
        constructor() {
          throw new TypeError('Illegal constructor');
        }
      }
      Object.assign(globalThis, { Notification: Refused });
    }, 'does not let pages show notifications'));
});
