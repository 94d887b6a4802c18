import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { cell, drag } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

async function board(username: string, page: { width: number; height: number; touch?: boolean }) {
  const account = await Account.register(it.server.url, username);
  const { id } = await account.makeBoard(pairs(`Board of ${username}`));
  const { touch = false, ...viewport } = page;
  const options = { viewport, hasTouch: touch, isMobile: touch };
  const opened = await it.visitors.visit(`#/boards/${id}`, account, options);
  await opened.getByText('0 of 2 joined').waitFor();
  return { page: opened, account, id };
}

const desktop = { width: 1280, height: 800 };

test('a path can be drawn by keyboard', async () => {
  const { page, account, id } = await board('ada', desktop);
  await cell(page, [0, 0]).focus();
  for (const key of ['Enter', 'ArrowRight', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
  await page.getByText('1 of 2 joined').waitFor();
  // It is there before it is saved.
  const saved = async () => (await account.paths(id)).items.map((it) => it.connects);
  await expect.poll(saved).toEqual(['#f4503b']);
});

test('steps can be taken back, and a drawing be cleared', async () => {
  const { page } = await board('bob', desktop);
  await cell(page, [0, 0]).focus();
  for (const key of ['Enter', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
  await page.getByText('3 cells').waitFor();
  await page.keyboard.press('Backspace');
  await page.getByText('2 cells').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('1 cell').waitFor();
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByText('1 cell').waitFor({ state: 'detached' });
});

test('a path does not cross itself', async () => {
  const { page } = await board('cleo', desktop);
  await cell(page, [0, 0]).focus();
  const keys = ['Enter', 'ArrowRight', 'ArrowDown', 'ArrowLeft'];
  for (const key of keys) await page.keyboard.press(key);
  await page.getByText('4 cells').waitFor();
  // Up is where it began.
  await page.keyboard.press('ArrowUp');
  await page.getByText('There is no way there.').waitFor();
  await page.getByText('4 cells').waitFor();
});

test('a drag joins a pair, all pairs can be joined, and paths can be deleted', async () => {
  const { page, account, id } = await board('dora', desktop);
  await drag(page, [0, 0], [0, 2]);
  await page.getByText('1 of 2 joined').waitFor();
  await drag(page, [2, 2], [2, 0]);
  await page.getByText('2 of 2 joined').waitFor();
  await page.reload();
  await page.getByText('2 of 2 joined').waitFor();

  await page.getByRole('button', { name: /^Delete path 1/ }).click();
  await page.getByText('1 of 2 joined').waitFor();
  // It could still be taken back.
  expect((await account.paths(id)).items).toHaveLength(2);
});

test('a finger can draw', async () => {
  const { page } = await board('finn', { width: 360, height: 740, touch: true });
  await swipe(page, [0, 0], [0, 1], [0, 2]);
  await page.getByText('1 of 2 joined').waitFor();
});

/** Moves a finger from cell to cell. Playwright itself can only tap. */
async function swipe(page: Page, ...places: [row: number, col: number][]): Promise<void> {
  await cell(page, places[0] as [number, number]).scrollIntoViewIfNeeded();
  const session = await page.context().newCDPSession(page);
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: object[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints } as never);
  let type: 'touchStart' | 'touchMove' = 'touchStart';
  for (const place of places) {
    const box = await cell(page, place).boundingBox();
    if (!box) throw new Error(`cell ${place} is not to be seen`);
    await send(type, [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }]);
    type = 'touchMove';
  }
  await send('touchEnd', []);
}

test('a pair is joined once', async () => {
  const { page, account, id } = await board('ivy', desktop);
  await drag(page, [0, 0], [0, 2]);
  await page.getByText('1 of 2 joined').waitFor();
  await drag(page, [0, 2], [1, 2], [1, 0], [0, 0]);
  await page.getByText('is joined already.').waitFor();
  await expect.poll(async () => (await account.paths(id)).items.length).toBe(1);
});

test('lines that cross do not solve the board', async () => {
  const { page } = await board('jon', desktop);
  await drag(page, [0, 0], [1, 0], [1, 2], [0, 2]);
  await page.getByText('1 of 2 joined').waitFor();
  await drag(page, [2, 0], [1, 0], [1, 2], [2, 2]);
  await page.getByText('2 of 2 joined').waitFor();
  await page.getByText('Every pair is joined, but some lines cross.').waitFor();
  expect(await page.getByText('Solved!').count()).toBe(0);
});

test('the frame of a board cuts nothing off its corner dots', async () => {
  const leo = await Account.register(it.server.url, 'leo');
  const dots = [0, 49].map((at) => ({ row: at, col: at, color: '#2f6bff' }));
  const { id } = await leo.makeBoard({ name: 'Wide', rows: 50, cols: 50, dots });
  const page = await it.visitors.visit(`#/boards/${id}`, leo);
  await cell(page, [0, 0]).waitFor();
  const isThere = await cell(page, [0, 0]).evaluate((it) => {
    const { x, y, width } = it.getBoundingClientRect();
    // Where the dot, with its rim, is nearest to the corner.
    const near = width * 0.5 - (width * 0.34 + 0.75) * Math.SQRT1_2;
    return document.elementFromPoint(x + near, y + near) === it;
  });
  expect(isThere).toBe(true);
});
