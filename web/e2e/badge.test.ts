import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { go } from './harness/browser';
import { setup } from './harness/setup';

const it = setup();

const icon = (page: Page) =>
  page.evaluate(() => document.querySelector<HTMLLinkElement>('link[type="image/svg+xml"]')?.href);
const number = async (page: Page) =>
  />(\d+\+?)<\/text>/.exec(decodeURIComponent((await icon(page)) ?? ''))?.[1];

test('the icon of the page says how much is unread', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  const context = await it.visitors.browse();
  await context.addInitScript(() => {
    const badges: number[] = [];
    Object.assign(navigator, {
      setAppBadge: async (count: number) => badges.push(count),
      clearAppBadge: async () => badges.push(0),
    });
    Object.assign(globalThis, { badges });
  });
  const page = await go(context, '#/');
  const plain = await icon(page);
  for (let count = 1; count <= 3; count += 1) await ada.makeBoard(pairs(`Board ${count}`));
  await expect.poll(() => number(page)).toBe('3');
  // The page's policy lets it through, and it can be drawn.
  const size = await page.evaluate(
    async (src) => {
      const image = Object.assign(new Image(), { src });
      await image.decode();
      return image.naturalWidth;
    },
    await icon(page),
  );
  expect(size).toBeGreaterThan(0);
  for (let count = 4; count <= 10; count += 1) await ada.makeBoard(pairs(`Board ${count}`));
  await expect.poll(() => number(page)).toBe('9+');

  await page.getByRole('link', { name: 'Activity' }).click();
  await expect.poll(() => icon(page)).toBe(plain);
  const badges = await page.evaluate(() => (globalThis as unknown as { badges: number[] }).badges);
  expect([Math.max(...badges), badges.at(-1)]).toEqual([10, 0]);
});
