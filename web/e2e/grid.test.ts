import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { BoardDraft } from '../src/api/client';
import { Account, cells } from './harness/account';
import { pairs } from './harness/boards';
import { cell, drag } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

/** A small board of one's own, open. */
async function open(username: string, options?: BrowserContextOptions, draft = pairs(username)) {
  const account = await Account.register(it.server.url, username);
  const { id } = await account.makeBoard(draft);
  const page = await it.visitors.visit(`#/boards/${id}`, account, options);
  await cell(page, [0, 0]).waitFor();
  return { page, account, id };
}

/** Moves the mouse to a place in units of cells: 0.5, 0.5 is the middle of the first one. */
async function point(page: Page, row: number, col: number): Promise<void> {
  const box = await cell(page, [0, 0]).boundingBox();
  if (!box) throw new Error('the grid is not to be seen');
  await page.mouse.move(box.x + col * box.width, box.y + row * box.height);
}

const data = (page: Page, path: string) =>
  page.locator(`svg.grid ${path}`).first().getAttribute('d');
const count = (page: Page, what: string) => page.locator(`svg.grid ${what}`).count();
const cursor = (page: Page) =>
  page.locator('svg.grid').evaluate((it) => getComputedStyle(it).cursor);
/** The names of animations that run in the workbench. */
const animations = (page: Page) =>
  page.evaluate(() =>
    document
      .getAnimations()
      .map((it) => (it instanceof CSSAnimation ? it.animationName : ''))
      .filter((name) => name !== ''),
  );

test('the cells of a line are tinted in its colour, while it is drawn and when it is saved', async () => {
  const { page } = await open('ada');
  await point(page, 0.5, 0.5);
  await page.mouse.down();
  await point(page, 0.5, 1.5);
  await expect.poll(() => data(page, '.tint')).toBe('M0.5 0.5H1.5');
  await point(page, 0.5, 2.5);
  await page.mouse.up();
  await page.getByText('1 of 2 joined').waitFor();
  await expect.poll(() => count(page, '.tint')).toBe(1);
  await expect.poll(() => data(page, '.tint')).toBe('M0.5 0.5H2.5');
  // Asked again, because another element is there once the line is saved.
  const look = () =>
    page.locator('.tint').evaluate((it) => {
      const { stroke, strokeWidth } = getComputedStyle(it);
      return { stroke, strokeWidth };
    });
  await expect.poll(look).toEqual({ stroke: 'rgb(244, 80, 59)', strokeWidth: '1px' });
});

describe('the partner of a line', () => {
  const partner = (page: Page) => page.locator('[data-partner="0,2"]').getAttribute('class');

  test('pulses, answers when the line is next to it, and with the other dot when it joins', async () => {
    const { page } = await open('bob');
    await point(page, 0.5, 0.5);
    await page.mouse.down();
    await expect.poll(() => partner(page)).toBe('partner waits');
    expect(await animations(page)).toContain('partner-waits');
    await point(page, 0.5, 1.5);
    await expect.poll(() => partner(page)).toBe('partner near');
    await point(page, 0.5, 2.5);
    await expect.poll(() => count(page, '.partner.joined')).toBe(2);
    await page.mouse.up();
    await expect.poll(() => count(page, '.partner')).toBe(0);
  });

  test('has a ring instead where nothing shall move', async () => {
    const { page } = await open('cleo', { reducedMotion: 'reduce' });
    await point(page, 0.5, 0.5);
    await page.mouse.down();
    await page.locator('.partner.waits .ring').waitFor();
    expect(await animations(page)).toEqual([]);
  });
});

describe('what a press would do is shown', () => {
  const preview = (page: Page, what: string) => count(page, `.preview[data-by=hover] ${what}`);

  test('at a dot, and not where nothing would happen', async () => {
    const { page } = await open('dora');
    await point(page, 0.5, 0.5);
    await expect.poll(() => preview(page, '.ring')).toBe(1);
    expect(await cursor(page)).toBe('grab');
    await point(page, 1.5, 1.5);
    await expect.poll(() => preview(page, '*')).toBe(0);
    expect(await cursor(page)).toBe('auto');
    await drag(page, [0, 0], [0, 2]);
    await page.getByText('1 of 2 joined').waitFor();
    await point(page, 0.4, 0.4);
    await expect.poll(() => preview(page, '*')).toBe(0);
    expect(await cursor(page)).toBe('auto');
    // It has gone from there with the pointer.
    await point(page, 2.5, 0.5);
    await expect.poll(() => preview(page, '.ring')).toBe(1);
    await page.mouse.move(0, 0);
    await expect.poll(() => preview(page, '.ring')).toBe(0);
  });

  test('for a line that waits: the way that it would go, and what would be cut off', async () => {
    const { page } = await open('eve');
    await drag(page, [0, 0], [1, 0], [1, 1]);
    await point(page, 1.5, 2.5);
    await expect.poll(() => data(page, '.preview .way')).toBe('M1.5 1.5H2.5');
    expect(await cursor(page)).toBe('pointer');
    await point(page, 1.5, 0.5);
    await expect.poll(() => data(page, '.preview .cut')).toBe('M0.5 1.5H1.5');
    await page.mouse.down();
    await page.mouse.up();
    await page.getByText('2 cells').waitFor();
  });

  test('by keyboard, too', async () => {
    const { page } = await open('finn');
    await page.getByRole('heading', { name: 'Your paths' }).waitFor();
    await cell(page, [0, 0]).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.locator('.preview[data-by=keyboard] .ring').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.locator('.preview[data-by=keyboard]').waitFor({ state: 'detached' });
  });

  test('not to a finger, which does not hover', async () => {
    const { page } = await open('gus', { hasTouch: true, isMobile: true });
    await cell(page, [0, 0]).tap();
    await page.getByText('1 cell', { exact: false }).first().waitFor();
    await cell(page, [1, 1]).tap();
    await page.getByText('3 cells').waitFor();
    expect(await count(page, '.preview[data-by=hover]')).toBe(0);
  });
});

test('cells in which a line crosses others are marked and named, and it may go on', async () => {
  const { page, account, id } = await open('hal');
  await account.drawPath(id, cells([0, 0], [1, 0], [1, 1], [1, 2], [0, 2]));
  await page.reload();
  await page.getByText('1 of 2 joined').waitFor();
  await point(page, 2.5, 0.5);
  await page.mouse.down();
  await point(page, 2.5, 1.5);
  expect(await count(page, '.crossings')).toBe(0);
  await point(page, 1.5, 1.5);
  await expect.poll(() => count(page, '.crossings .mark')).toBe(1);
  const name = await page.locator('[data-cell="1,1"]').getAttribute('aria-label');
  expect(name).toBe('Row 2, column 2, end of your line, crosses red');
  await point(page, 2.5, 1.5);
  await expect.poll(() => count(page, '.crossings')).toBe(0);
  await point(page, 2.5, 2.5);
  await page.mouse.up();
  await page.getByText('2 of 2 joined').waitFor();
});

describe('letters in dots', () => {
  const letters = (page: Page) => page.locator('svg.grid .dot text').allTextContents();

  test('are not there until one chooses them, and then in other tabs as well', async () => {
    const { page, id } = await open('ivy');
    expect(await letters(page)).toEqual([]);
    await page.locator('.legend li', { hasText: /^\s*red/ }).waitFor();
    const other = await page.context().newPage();
    await other.goto(`/#/boards/${id}`);
    await other.evaluate(() => localStorage.setItem('dotcast.letters', 'true'));
    await expect.poll(() => letters(page)).toEqual(['A', 'A', 'B', 'B']);
    await cell(page, [0, 0])
      .and(page.getByRole('gridcell', { name: 'red A dot' }))
      .waitFor();
  });

  test('are there where the system asks for more contrast', async () => {
    const { page, id } = await open('jon', { contrast: 'more' });
    await expect.poll(() => letters(page)).toEqual(['A', 'A', 'B', 'B']);
    // In the editor as well.
    await page.goto(`/#/boards/${id}/edit`);
    await page.getByRole('button', { name: 'Save board' }).waitFor();
    await expect.poll(() => letters(page)).toEqual(['A', 'A', 'B', 'B']);
  });
});

describe('the ring around the cell that has the focus is 3 px thick', () => {
  const side = (size: number): BoardDraft => ({ name: 'Board', rows: size, cols: size, dots: [] });

  /** How much of the ring's colour is on the way down to the middle of a cell, in pixels. */
  async function thickness(page: Page, place: [number, number]): Promise<number> {
    await cell(page, place).scrollIntoViewIfNeeded();
    const box = await cell(page, place).boundingBox();
    if (!box) throw new Error('the cell is not to be seen');
    const clip = {
      x: Math.floor(box.x + box.width / 2),
      y: Math.floor(box.y - 3),
      width: 1,
      height: Math.ceil(box.height / 2 + 3),
    };
    const picture = (await page.screenshot({ clip })).toString('base64');
    return page.evaluate(async (source) => {
      const image = new Image();
      image.src = `data:image/png;base64,${source}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.width;
      canvas.height = image.height;
      const context = canvas.getContext('2d') as CanvasRenderingContext2D;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      // By its red, of which the ring has least: #2158e8 on white. Edges are mixed.
      let sum = 0;
      for (let at = 0; at < data.length; at += 4)
        sum += (255 - (data[at] as number)) / (255 - 0x21);
      return sum;
    }, picture);
  }

  test.each([
    [4, 0],
    [50, 0],
    [50, 2],
  ])('on %i cells a side, magnified %i times', async (size, zooms) => {
    const { page } = await open(`kim${size}-${zooms}`, { colorScheme: 'light' }, side(size));
    for (let zoom = 0; zoom < zooms; zoom += 1)
      await page.getByRole('button', { name: 'Larger' }).click();
    await cell(page, [0, 0]).focus();
    for (const key of ['ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
    await page.waitForFunction(() => document.activeElement?.matches('[data-cell="1,1"]'));
    const is = await thickness(page, [1, 1]);
    // The line of the grid above it has a little of every colour.
    expect(is).toBeGreaterThan(2.6);
    expect(is).toBeLessThan(3.6);
  });
});

describe('a solved board', () => {
  const celebrate = async (page: Page) => {
    await drag(page, [0, 0], [0, 2]);
    await page.getByText('1 of 2 joined').waitFor();
    await expect.poll(() => count(page, '.partner')).toBe(0);
    await page.locator('.workbench').evaluate((it) => it.classList.add('celebrates'));
  };

  test('has dots that pulse and lines that flow, for less than a second', async () => {
    const { page } = await open('max');
    await celebrate(page);
    const names = await animations(page);
    expect(names.filter((it) => it === 'dot-celebrates')).toHaveLength(4);
    expect(names.filter((it) => it === 'line-flows')).toHaveLength(1);
    const ends = await page.evaluate(() =>
      document.getAnimations().map((it) => Number(it.effect?.getComputedTiming().endTime)),
    );
    expect(Math.max(...ends)).toBeLessThan(1000);
  });

  test('has rims that are thicker where nothing shall move', async () => {
    const { page } = await open('moe', { reducedMotion: 'reduce' });
    const rim = () =>
      page
        .locator('.dot circle')
        .first()
        .evaluate((it) => Number.parseFloat(getComputedStyle(it).strokeWidth));
    const before = await rim();
    await celebrate(page);
    expect(await animations(page)).toEqual([]);
    expect(await rim()).toBeGreaterThan(before);
  });
});
