import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { Account, cells } from './harness/account';
import { pairs } from './harness/boards';
import { go } from './harness/browser';
import { card, drag } from './harness/page';
import { setup } from './harness/setup';

const it = setup('127.0.0.1:0', ['--request-rate', 'off']);
const RED = cells([0, 0], [0, 1], [0, 2]);
const BLUE = cells([2, 0], [2, 1], [2, 2]);

const names = (page: Page) => page.locator('.cards .card h2').allInnerTexts();
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search by name' });
const cardOf = (page: Page, name: string) =>
  page.locator('.card').filter({ has: page.getByRole('link', { name, exact: true }) });
const choose = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Show' }).getByText(name, { exact: true }).click();

/** Solves a board made of {@link pairs}. */
async function solve(who: Account, board: { id: number }): Promise<void> {
  for (const way of [RED, BLUE]) await who.drawPath(board.id, way);
}

describe('a list of boards', () => {
  test('is searched as one types, and the address has what one looks for', async () => {
    const ada = await Account.register(it.server.url, 'ada');
    for (const name of ['Łódź metro', 'Metro of Paris', 'Garden']) await ada.makeBoard(pairs(name));
    const context = await it.visitors.browse();
    const page = await go(context, '');
    await card(page, 'Garden').waitFor();
    await search(page).pressSequentially('METRO');
    await page.getByRole('status').getByText('2 boards found', { exact: true }).waitFor();
    expect(await names(page)).toEqual(['Metro of Paris', 'Łódź metro']);
    expect(new URL(page.url()).search).toBe('?q=METRO');
    // The same list where the address is opened.
    const other = await go(context, '?q=lodz');
    await other.getByText('1 board found', { exact: true }).waitFor();
    expect(await names(other)).toEqual(['Łódź metro']);
    expect(await search(other).inputValue()).toBe('lodz');

    // One goes to a board and comes back to what was found, then to what was there before one typed.
    await card(page, 'Łódź metro').click();
    await page.getByRole('heading', { name: 'Łódź metro' }).waitFor();
    await page.goBack();
    await page.getByText('2 boards found', { exact: true }).waitFor();
    expect(await search(page).inputValue()).toBe('METRO');
    await page.goBack();
    await card(page, 'Garden').waitFor();
    expect(await search(page).inputValue()).toBe('');
  });

  test('says when nothing is found, and leads back to all', async () => {
    const bea = await Account.register(it.server.url, 'bea');
    await bea.makeBoard(pairs('Hay'));
    const page = await it.visitors.visit('');
    await search(page).fill('needle');
    await page.getByRole('status').getByText('0 boards found', { exact: true }).waitFor();
    await page.getByText('No boards match your search.').waitFor();
    await page.getByRole('link', { name: 'Show all boards' }).click();
    await card(page, 'Hay').waitFor();
    expect(await search(page).inputValue()).toBe('');
  });

  test('shows what is one’s own, what is unsolved, and what most have solved', async () => {
    const [cleo, dora] = await Promise.all(
      ['cleo', 'dora'].map((name) => Account.register(it.server.url, name)),
    );
    if (!cleo || !dora) throw new Error('nobody');
    const [one, two, three] = await Promise.all(
      ['One of c', 'Two of c', 'Three of c'].map((name) => cleo.makeBoard(pairs(name))),
    );
    await dora.makeBoard(pairs('Four of c'));
    if (!one || !two || !three) throw new Error('no boards');
    for (const who of [cleo, dora]) await solve(who, two);
    await solve(dora, one);
    const context = await it.visitors.browse(cleo);
    const page = await go(context, '?q=of+c');
    await page.getByText('4 boards found', { exact: true }).waitFor();
    await choose(page, 'Unsolved');
    await page.getByText('3 boards found', { exact: true }).waitFor();
    expect((await names(page)).sort()).toEqual(['Four of c', 'One of c', 'Three of c']);
    await choose(page, 'Mine');
    await expect.poll(() => names(page)).not.toContain('Four of c');
    await page.getByRole('combobox', { name: 'Order' }).selectOption({ label: 'Most solved' });
    await expect
      .poll(async () => (await names(page)).slice(0, 2))
      .toEqual(['Two of c', 'One of c']);
    expect(new URL(page.url()).search).toBe('?q=of+c&show=mine&sort=most_solved');
    await page.goBack();
    await page.goBack();
    await expect.poll(() => names(page)).toContain('Four of c');

    // Of its maker, by the link on the card.
    await page.getByRole('link', { name: 'Boards by dora' }).first().click();
    await page.getByRole('heading', { name: 'Boards by dora' }).waitFor();
    await expect.poll(() => names(page)).toEqual(['Four of c']);
    await choose(page, 'Unsolved');
    await page.getByText('1 board found', { exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe('?show=unsolved');

    // A guest has made and solved nothing, and is not asked.
    const guest = await it.visitors.visit('?q=of+c&show=mine');
    await guest.getByText('4 boards found', { exact: true }).waitFor();
    expect(await guest.getByRole('group', { name: 'Show' }).count()).toBe(0);
  });

  test('that was searched keeps what is deleted in its place', async () => {
    const eve = await Account.register(it.server.url, 'eve');
    const [first] = [await eve.makeBoard(pairs('Eves first')), await eve.makeBoard(pairs('Eves'))];
    const page = await it.visitors.visit('?q=eves');
    await page.getByText('2 boards found', { exact: true }).waitFor();
    await eve.changeBoard(first.id, pairs('Eves renamed'));
    await card(page, 'Eves renamed').waitFor();
    await eve.deleteBoard(first.id);
    await page.getByText('This board was deleted.').waitFor();
    await eve.makeBoard(pairs('Eves last'));
    expect(await page.locator('.card').count()).toBe(2);
  });
});

describe('a card', () => {
  test('tells who has solved the board, oneself and how far one is', async () => {
    const [flo, gus] = await Promise.all(
      ['flo', 'gus'].map((name) => Account.register(it.server.url, name)),
    );
    if (!flo || !gus) throw new Error('nobody');
    const board = await flo.makeBoard(pairs('Half done'));
    await flo.drawPath(board.id, RED);
    const page = await it.visitors.visit('', flo);
    const half = cardOf(page, 'Half done');
    await half.getByText('You have joined 1 of 2 pairs.').waitFor();
    await half.getByText('Not solved yet').waitFor();
    // The line is on the picture.
    const colorAt = (row: number, col: number) =>
      half.locator('canvas').evaluate(
        (it, [row, col]) => {
          const canvas = it as HTMLCanvasElement;
          const at = (place: number, size: number) => Math.floor(((place + 0.5) / 3) * size);
          const context = canvas.getContext('2d') as CanvasRenderingContext2D;
          const { data } = context.getImageData(
            at(col as number, canvas.width),
            at(row as number, canvas.height),
            1,
            1,
          );
          return data.join();
        },
        [row, col],
      );
    await expect.poll(() => colorAt(0, 1)).toBe('244,80,59,255');
    expect(await colorAt(2, 1)).not.toBe('47,107,255,255');

    await solve(gus, board);
    await half.getByText('Solved by 1 person').waitFor();
    await half.getByText('You have joined 1 of 2 pairs.').waitFor();
    // On another device.
    await flo.drawPath(board.id, BLUE);
    await half.getByText('You have solved it.').waitFor();
    await half.getByText('Solved by 2 people').waitFor();
    await expect.poll(() => colorAt(2, 1)).toBe('47,107,255,255');
  });

  test('knows what one draws and deletes in this tab', async () => {
    const hal = await Account.register(it.server.url, 'hal');
    await hal.makeBoard(pairs('Here'));
    const page = await it.visitors.visit('', hal);
    await card(page, 'Here').click();
    await drag(page, [0, 0], [0, 1], [0, 2]);
    await page.getByText('1 of 2 joined').waitFor();
    await page.getByRole('link', { name: 'Boards', exact: true }).click();
    const mark = cardOf(page, 'Here').getByText('You have joined 1 of 2 pairs.');
    await mark.waitFor();
    await card(page, 'Here').click();
    await page.getByRole('button', { name: /^Delete path 1/ }).click();
    await page.getByText('0 of 2 joined').waitFor();
    await page.getByRole('link', { name: 'Boards', exact: true }).click();
    await mark.waitFor({ state: 'detached', timeout: 15_000 });
  });
});

test('whoever comes for the first time is told what to do, and where to begin', async () => {
  const ida = await Account.register(it.server.url, 'ida');
  const easy = await ida.makeBoard({ ...pairs('Easiest'), rows: 3, cols: 3 });
  await solve(ida, easy);
  const page = await it.visitors.visit('');
  await page.getByText('Join the dots of one colour. Lines may not cross.').waitFor();
  await page.getByRole('link', { name: 'Play an easy one' }).click();
  await expect.poll(() => page.url()).toMatch(/\/boards\/\d+$/);
});

test('a burst of solved boards has them read together', async () => {
  const jo = await Account.register(it.server.url, 'joe');
  const boards = await Promise.all(
    Array.from({ length: 60 }, (_, index) => jo.makeBoard(pairs(`Solved soon ${index}`))),
  );
  const page = await it.visitors.visit('');
  // They were made together, so any of them may be the newest.
  await page.locator('.card').filter({ hasText: 'Solved soon' }).nth(40).waitFor();
  let reads = 0;
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/v1/boards') reads += 1;
  });
  const began = Date.now();
  for (let at = 0; at < boards.length; at += 10) {
    await Promise.all(boards.slice(at, at + 10).map((board) => solve(jo, board)));
  }
  await expect
    .poll(() => page.locator('.card').filter({ hasText: 'Solved soon' }).count())
    .toBeGreaterThan(40);
  const solved = page
    .locator('.card')
    .filter({ hasText: 'Solved soon' })
    .filter({ hasText: 'Solved by 1 person' });
  const all = await page.locator('.card').filter({ hasText: 'Solved soon' }).count();
  await expect.poll(() => solved.count(), { timeout: 15_000 }).toBe(all);
  // Two requests a round at most, for the board may lie on two pages; and the round that was under way.
  const rounds = Math.ceil((Date.now() - began) / 1000) + 2;
  expect(reads).toBeLessThanOrEqual(2 * rounds);
});
