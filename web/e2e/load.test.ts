import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Account, cells } from './harness/account';
import { pairs } from './harness/boards';
import { go, isLive } from './harness/browser';
import { activity, card, toasts } from './harness/page';
import { setup } from './harness/setup';

const it = setup('127.0.0.1:0', ['--request-rate', 'off']);
const LINE = cells([0, 0], [0, 1], [0, 2]);

/** Makes so many boards, a few at a time; the last ones are the newest. */
async function makeBoards(account: Account, name: string, count: number): Promise<void> {
  for (let made = 0; made < count; made += 10) {
    const some = Array.from({ length: Math.min(10, count - made) }, (_, index) => made + index);
    await Promise.all(some.map((number) => account.makeBoard(pairs(`${name} ${number}`))));
  }
}

const cards = (page: Page) => page.locator('.cards .card');

test('what was missed is stored a page at a time, counted, and listed with its own time', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  const { id } = await ada.makeBoard(pairs('Busy'));
  const context = await it.visitors.browse();
  await (await go(context, '#/')).close();
  for (let made = 0; made < 450; made += 10) {
    await Promise.all(Array.from({ length: 10 }, () => ada.drawPath(id, LINE)));
  }

  // One comes back two hours later.
  await context.clock.install({ time: Date.now() + 2 * 3_600_000 });
  await context.addInitScript(() => {
    const write = Storage.prototype.setItem;
    Object.assign(globalThis, { writes: 0 });
    Storage.prototype.setItem = function (...args) {
      (globalThis as unknown as { writes: number }).writes += 1;
      write.apply(this, args);
    };
  });
  const page = await go(context, '#/');
  await page.getByRole('link', { name: 'Activity 99+ unread' }).waitFor();
  await expect.poll(() => page.title()).toContain('(450)');
  expect(await page.evaluate('writes')).toBeLessThan(50);
  // Nobody is told at once of what is over.
  expect(await toasts(page).textContent()).toBe('');

  await page.getByRole('link', { name: 'Activity 99+ unread' }).click();
  await page.getByText('450 things happened since you last looked.').waitFor();
  const row = (count: number, tags: string) => `ada saved ${count} paths on Busy${tags}`;
  await expect.poll(() => activity(page)).toEqual([row(200, ' new while you were away')]);
  expect(await page.getByRole('main').locator('time').first().innerText()).toBe('2 hours ago');

  const older = page.getByRole('button', { name: 'Show older' });
  await older.click();
  await expect.poll(() => activity(page)).toEqual([row(400, ' new while you were away')]);
  await older.click();
  await expect
    .poll(() => activity(page))
    .toEqual([row(450, ' new while you were away'), 'ada made the board Busy']);
  await older.waitFor({ state: 'detached' });
});

test('what happened during a cut is listed with its own time, too', async () => {
  const abe = await Account.register(it.server.url, 'abe');
  const { id } = await abe.makeBoard(pairs('Cut'));
  const context = await it.visitors.browse();
  await context.clock.install({ time: Date.now() });
  const page = await go(context, '#/activity');
  await context.setOffline(true);
  await page.getByText('You are offline.').waitFor();
  await abe.drawPath(id, LINE);
  await context.clock.fastForward('03:30:00');
  await context.setOffline(false);
  const row = page.getByRole('main').getByRole('listitem').filter({ hasText: 'a path on Cut' });
  await row.getByText('3 hours ago').waitFor();
});

test('a burst is told of in few toasts, which do not come back', async () => {
  const bob = await Account.register(it.server.url, 'bob');
  const { id } = await bob.makeBoard(pairs('Burst'));
  const page = await it.visitors.visit('#/new');
  await page.evaluate(() => {
    const came: number[] = [];
    Object.assign(globalThis, { came });
    const region = document.querySelector('.toasts') as Element;
    new MutationObserver((records) => {
      for (const { addedNodes } of records) for (const _ of addedNodes) came.push(Date.now());
    }).observe(region, { childList: true });
  });
  for (let made = 0; made < 60; made += 10) {
    await Promise.all(Array.from({ length: 10 }, () => bob.drawPath(id, LINE)));
  }
  const told = async () => {
    const texts = await toasts(page).locator('.toast p').allInnerTexts();
    const counts = texts.map((text) => /saved (?:a|(\d+)) paths? on Burst/.exec(text));
    return counts.reduce((sum, it) => sum + (it ? Number(it[1] ?? 1) : 0), 0);
  };
  await expect.poll(told).toBe(60);
  const came = await page.evaluate<number[]>('came');
  expect(came.length).toBeLessThanOrEqual(4);
  // Dismissed, they are gone for good.
  for (let left = came.length; left > 0; left -= 1) {
    await toasts(page).getByRole('button', { name: 'Dismiss' }).first().click();
  }
  expect(await toasts(page).textContent()).toBe('');
});

test('pictures of large boards cost few elements', async () => {
  const cleo = await Account.register(it.server.url, 'cleo');
  const side = 30;
  const dots = Array.from({ length: side * side }, (_, index) => ({
    row: Math.floor(index / side),
    col: index % side,
    color: `#${(0x100000 + Math.floor(index / 2) * 1111).toString(16)}`,
  }));
  for (const name of ['Full one', 'Full two']) {
    await cleo.makeBoard({ name, rows: side, cols: side, dots });
  }
  const page = await it.visitors.visit('#/');
  await card(page, 'Full two').waitFor();
  const full = page.locator('.card').filter({ hasText: 'Full' });
  const elements = full.locator('*');
  await expect.poll(() => full.count()).toBe(2);
  expect(await elements.count()).toBeLessThan(40);
  // And they are painted.
  const isPainted = () =>
    full
      .first()
      .locator('canvas')
      .evaluate((it) => {
        const { width, height } = it as HTMLCanvasElement;
        const pixels = (it as HTMLCanvasElement).getContext('2d');
        return width > 0 && !!pixels?.getImageData(0, 0, width, height).data.some((it) => it > 0);
      });
  await expect.poll(isPainted).toBe(true);
});

test('pictures of tall and of wide boards stay in their cards', async () => {
  const flo = await Account.register(it.server.url, 'flo');
  await flo.makeBoard({ name: 'Tall', rows: 50, cols: 2, dots: [] });
  await flo.makeBoard({ name: 'Wide', rows: 2, cols: 50, dots: [] });
  const page = await it.visitors.visit('#/');
  for (const [name, ratio] of [
    ['Tall', 1 / 25],
    ['Wide', 25],
  ] as const) {
    const picture = page.locator('.card').filter({ hasText: name }).locator('.picture');
    const [outer, inner] = [await picture.boundingBox(), await picture.locator('*').boundingBox()];
    if (!outer || !inner) throw new Error(`${name} is not to be seen`);
    expect(Math.log(inner.width / inner.height)).toBeCloseTo(Math.log(ratio), 1);
    expect(inner.width).toBeLessThan(outer.width);
    expect(inner.height).toBeLessThan(outer.height);
    expect(outer.width).toBeCloseTo(outer.height, 0);
  }
});

test('a long list goes on by itself, holds its place, and keeps what was loaded', async () => {
  const dora = await Account.register(it.server.url, 'dora');
  await makeBoards(dora, 'Old', 230);
  const context = await it.visitors.browse();
  const page = await go(context, '#/');
  const scrollUntil = async (count: number) => {
    await expect
      .poll(
        async () => {
          await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
          return cards(page).count();
        },
        { timeout: 30_000 },
      )
      .toBeGreaterThanOrEqual(count);
  };
  await scrollUntil(230);
  const all = await cards(page).count();
  const place = cards(page).nth(150);
  const link = place.getByRole('heading').getByRole('link');
  const name = await link.innerText();
  await place.scrollIntoViewIfNeeded();
  await place.hover();
  // Where it is in the window, but for what hovering does to it.
  const at = () => place.evaluate((it) => (it as HTMLElement).offsetTop - scrollY);
  const before = await at();

  await makeBoards(dora, 'New', 12);
  const news = page.getByRole('button', { name: '12 new boards' });
  await news.waitFor();
  expect(await at()).toBe(before);
  expect(await link.innerText()).toBe(name);
  expect(await cards(page).count()).toBe(all);

  // What is read again after a reset is as much as was there.
  await context.setOffline(true);
  await page.getByText('You are offline.').waitFor();
  await makeBoards(dora, 'Unheard of', 1);
  await it.server.trim();
  await context.setOffline(false);
  const more = page.getByRole('button', { name: '13 new boards' });
  await more.waitFor();
  expect(await link.innerText()).toBe(name);
  expect(await cards(page).count()).toBe(all);

  // One goes to a board and comes back to the same place.
  await link.click();
  await page.getByRole('heading', { name, exact: true }).waitFor();
  await page.goBack();
  await more.waitFor();
  await expect.poll(() => link.innerText()).toBe(name);
  expect(await page.evaluate(() => scrollY)).toBeGreaterThan(0);

  await more.click();
  await card(page, 'Unheard of 0').waitFor();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  expect(await cards(page).first().getByRole('heading').innerText()).toBe('Unheard of 0');
  // At the top, with nothing pointed at, what is new is there at once.
  await page.mouse.move(0, 0);
  await makeBoards(dora, 'Newest', 1);
  await card(page, 'Newest 0').waitFor();
  await isLive(page);
});
