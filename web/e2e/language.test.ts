import type { BrowserContext, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { en as adminEn } from '../src/language/admin/en';
import { pl as adminPl } from '../src/language/admin/pl';
import { en } from '../src/language/en';
import { pl } from '../src/language/pl';
import { flat, sample } from '../test/catalogue';
import { Account, cells } from './harness/account';
import { pairs } from './harness/boards';
import { go } from './harness/browser';
import { activity, cell } from './harness/page';
import { setup } from './harness/setup';

const it = setup();
const POLISH = { locale: 'pl-PL' };
/** What holds the Polish texts. */
const TEXTS = /\/assets\/pl-[^/]*\.js$/;

const language = (page: Page) => page.evaluate(() => document.documentElement.lang);
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });

/** Chooses a language in a tab of its own. */
async function choose(context: BrowserContext, name: string): Promise<void> {
  const page = await go(context, '#/settings');
  await page.getByRole('radio', { name }).check();
  await page.close();
}

test('a browser that prefers Polish never sees another language', async () => {
  const context = await it.visitors.browse(undefined, POLISH);
  await context.addInitScript(() => {
    const titles = new Set<string>();
    Object.assign(globalThis, { titles });
    const note = () => titles.add(document.title);
    new MutationObserver(note).observe(document, { childList: true, subtree: true });
  });
  const page = await go(context, '#/activity');
  await heading(page, 'Aktywność').waitFor();
  expect(await language(page)).toBe('pl');
  const titles = await page.evaluate(() => [
    ...(globalThis as unknown as { titles: Set<string> }).titles,
  ]);
  // As it is served, until the page has begun.
  expect(titles.filter((it) => it !== 'dotcast' && it !== '')).toEqual(['Aktywność · dotcast']);
});

test('the first language of the browser that the page speaks is chosen', async () => {
  const context = await it.visitors.browse();
  await context.addInitScript(() => {
    Object.defineProperty(navigator, 'languages', { value: ['de-DE', 'pl', 'en-GB'] });
  });
  await heading(await go(context, '#/activity'), 'Aktywność').waitFor();
});

test('no texts are loaded but those of the language that is spoken', async () => {
  const context = await it.visitors.browse();
  const loaded: string[] = [];
  context.on('request', (request) => loaded.push(request.url()));
  const page = await go(context, '#/activity');
  const texts = () => loaded.filter((url) => TEXTS.test(url)).length;
  expect(texts()).toBe(0);
  await choose(context, 'Polski');
  await heading(page, 'Aktywność').waitFor();
  expect(texts()).toBeGreaterThan(0);
});

test('another language keeps what was typed, and comes to all tabs', async () => {
  const context = await it.visitors.browse();
  const form = await go(context, '#/sign-up');
  const editor = await go(context, '#/new');
  await form.getByRole('textbox', { name: 'Username' }).fill('ada');
  await form.getByLabel('Password', { exact: true }).fill('half a password');
  await editor.getByRole('textbox', { name: 'Name' }).fill('Ogród');
  await cell(editor, [0, 0]).press('Enter');
  await cell(editor, [2, 2]).press('Enter');
  await editor.getByText('Red is done. Next: blue.').waitFor();

  await choose(context, 'Polski');
  await heading(form, 'Załóż konto').waitFor();
  await expect.poll(() => form.title()).toBe('Załóż konto · dotcast');
  expect(await form.getByRole('textbox', { name: 'Nazwa użytkownika' }).inputValue()).toBe('ada');
  expect(await form.getByLabel('Hasło', { exact: true }).inputValue()).toBe('half a password');
  await heading(editor, 'Nowa plansza').waitFor();
  expect(await editor.getByRole('textbox', { name: 'Nazwa' }).inputValue()).toBe('Ogród');
  await editor.getByText('Czerwona para jest gotowa. Następna: niebieska.').waitFor();
  await expect.poll(() => Promise.all([form, editor].map(language))).toEqual(['pl', 'pl']);

  await choose(context, 'English');
  await heading(form, 'Create an account').waitFor();
  await editor.getByText('Red is done. Next: blue.').waitFor();
  await expect.poll(() => Promise.all([form, editor].map(language))).toEqual(['en', 'en']);
});

describe('without its texts', () => {
  test('a page speaks English where they cannot be loaded', async () => {
    const context = await it.visitors.browse(undefined, POLISH);
    await context.route(TEXTS, (route) => route.abort());
    const page = await go(context, '#/activity');
    await heading(page, 'Activity').waitFor();
    expect(await language(page)).toBe('en');
    const settings = await go(context, '#/settings');
    await settings.getByText(en.settings.languageMissing).waitFor();
  });

  test('a page does not wait for them for long, and takes them when they come', async () => {
    const context = await it.visitors.browse(undefined, POLISH);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await context.route(TEXTS, (route) => held.then(() => route.continue()));
    const page = await go(context, '#/activity');
    await heading(page, 'Activity').waitFor();
    release();
    await heading(page, 'Aktywność').waitFor();
    expect(await language(page)).toBe('pl');
  });

  test('a page speaks English where a language was kept that it does not know', async () => {
    const localStorage = [{ name: 'dotcast.language', value: '"tlh"' }];
    const context = await it.visitors.browse(undefined, {
      storageState: { cookies: [], origins: [{ origin: it.server.origin, localStorage }] },
    });
    await heading(await go(context, '#/activity'), 'Activity').waitFor();
  });
});

test('problems and what the server finds wrong are told in Polish', async () => {
  const eve = await Account.register(it.server.url, 'eve');
  const page = await it.visitors.visit('#/sign-in', undefined, POLISH);
  await page.getByRole('textbox', { name: 'Nazwa użytkownika' }).fill('eve');
  const password = page.getByLabel('Hasło', { exact: true });
  await password.fill('not the password');
  await password.press('Enter');
  await page.getByText(pl.problems.codes.wrong_credentials).waitFor();

  const editor = await it.visitors.visit('#/new', eve, POLISH);
  // The page lets nothing pass that the server refuses, so the request is spoilt on its way.
  await editor.route('**/api/v1/boards', (route) =>
    route.request().method() === 'POST'
      ? route.continue({ postData: JSON.stringify(pairs('\u0007')) })
      : route.continue(),
  );
  await editor.getByRole('textbox', { name: 'Nazwa' }).fill('Dobra');
  await editor.getByRole('button', { name: 'Zapisz planszę' }).click();
  await editor.getByText('Nazwa nie może zawierać znaków sterujących.').waitFor();
});

test('things are counted as Polish counts', async () => {
  const iga = await Account.register(it.server.url, 'iga');
  for (const times of [1, 2, 5, 22]) {
    const { id } = await iga.makeBoard(pairs(`Nr ${times}`));
    for (let time = 0; time < times; time += 1) await iga.drawPath(id, cells([0, 0], [0, 1]));
  }
  const page = await it.visitors.visit('#/activity', undefined, POLISH);
  await page.getByText('iga: nowa plansza Nr 22').waitFor();
  expect((await activity(page)).filter((it) => it.includes('ścież'))).toEqual([
    'iga: 22 nowe ścieżki na planszy Nr 22',
    'iga: 5 nowych ścieżek na planszy Nr 5',
    'iga: 2 nowe ścieżki na planszy Nr 2',
    'iga: nowa ścieżka na planszy Nr 1',
  ]);
});

/** The texts of the English catalogue that are long enough to be known again, without the values in them. */
function englishTexts(): string[] {
  const pieces = (catalogue: object) =>
    [...flat(catalogue).values()]
      .flatMap((text) => [sample(text, '1'), sample(text, '7')])
      .flatMap((said) => said.split(/[17]|\{\w+\|?|\}/))
      .map((piece) => piece.replace(/^[\s\p{P}]+|[\s\p{P}]+$/gu, ''))
      .filter((piece) => piece.length > 3);
  const polish = pieces({ pl, adminPl }).join('\n');
  return [...new Set(pieces({ en, adminEn }))].filter((piece) => !polish.includes(piece));
}

/** All that is to be read or heard on a page, but for what programs say. */
function textsOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const said: (string | null)[] = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const isCode = walker.currentNode.parentElement?.closest('code, noscript, .log ol, .checks');
      if (!isCode) said.push(walker.currentNode.textContent);
    }
    const names = ['aria-label', 'aria-roledescription', 'title', 'placeholder', 'alt'];
    for (const name of names) {
      for (const it of document.querySelectorAll(`[${name}]`)) said.push(it.getAttribute(name));
    }
    return said.join('\n');
  });
}

describe('no English is left', () => {
  const english = englishTexts();
  const found = (said: string) =>
    english.filter((text) => {
      const literally = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return new RegExp(`(?<![\\p{L}/])${literally}(?!\\p{L})`, 'u').test(said);
    });
  let ola: Account;
  let id: number;

  beforeAll(async () => {
    ola = await Account.register(it.server.url, 'ola');
    const jan = await Account.register(it.server.url, 'jan');
    ({ id } = await ola.makeBoard(pairs('Ogród')));
    for (const row of [0, 2]) {
      await jan.drawPath(id, cells([row, 0], [row, 1], [row, 2]));
      await ola.drawPath(id, cells([row, 0], [row, 1]));
    }
    await ola.changeBoard(id, pairs('Sad'));
    await ola.deleteBoard((await ola.makeBoard(pairs('Zima'))).id);
    await it.server.run('user', 'promote', 'ola');
  });

  test('in what this test looks for', () => {
    expect(english.length).toBeGreaterThan(100);
    expect(found('Saved. Your session has ended. Sign in again to go on.')).not.toEqual([]);
  });

  test.each([
    ['/'],
    ['/boards/ID'],
    ['/boards/ID/edit'],
    ['/new'],
    ['/u/ola'],
    ['/activity'],
    ['/log'],
    ['/settings'],
    ['/admin'],
    ['/sign-in?why=expired'],
    ['/sign-up'],
    ['/boards/999999'],
    ['/nowhere'],
  ])('at %s', async (address) => {
    const isGuest = address.startsWith('/sign');
    const page = await it.visitors.visit(
      `#${address.replace('ID', String(id))}`,
      isGuest ? undefined : ola,
      POLISH,
    );
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
    expect(found(await textsOf(page))).toEqual([]);
  });
});
