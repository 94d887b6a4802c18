// Measures the page under load. `npm run bench` prints a table and asserts nothing; `BENCH_ONLY=list` runs one part.
import type { Page } from 'playwright-core';
import { afterAll, test } from 'vitest';
import { Account, cells } from '../e2e/harness/account';
import { pairs } from '../e2e/harness/boards';
import { go } from '../e2e/harness/browser';
import { cell } from '../e2e/harness/page';
import { setup } from '../e2e/harness/setup';
import type { Board, BoardDraft } from '../src/api/client';

const it = setup('127.0.0.1:0', ['--request-rate', 'off', '--max-requests-per-client', '256']);
const table: Record<string, Record<string, string | number>> = {};
afterAll(() => console.table(table));

/** Counts what the page does, from before its first script. */
async function watched(context: Awaited<ReturnType<typeof it.visitors.browse>>) {
  await context.addInitScript(() => {
    const seen = { tasks: [] as number[], writes: 0, frames: [] as number[], toasts: 0 };
    Object.assign(globalThis, { seen });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.tasks.push(duration);
    }).observe({ type: 'longtask', buffered: true });
    const write = Storage.prototype.setItem;
    Storage.prototype.setItem = function (...args) {
      seen.writes += 1;
      write.apply(this, args);
    };
    let last = 0;
    const frame = (now: number) => {
      if (last > 0) seen.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    addEventListener('DOMContentLoaded', () => {
      new MutationObserver((records) => {
        for (const { target, addedNodes } of records) {
          const isToasts = target instanceof Element && target.matches('.toasts');
          if (isToasts) seen.toasts += addedNodes.length;
        }
      }).observe(document.body, { childList: true, subtree: true });
    });
  });
  return context;
}

interface Seen {
  tasks: number[];
  writes: number;
  frames: number[];
  toasts: number;
}

async function look(page: Page): Promise<Record<string, string | number>> {
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);
  const frames = seen.frames.sort((a, b) => a - b);
  return {
    'longest task, ms': Math.round(Math.max(0, ...seen.tasks)),
    'blocked over 50 ms, ms': Math.round(seen.tasks.reduce((sum, it) => sum + it, 0)),
    'p95 frame, ms': Math.round(frames[Math.floor(frames.length * 0.95)] ?? 0),
    writes: seen.writes,
    toasts: seen.toasts,
  };
}

/** Runs jobs, so many at a time. */
async function each<T>(items: T[], at: number, job: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = [...items];
  const run = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await job(next);
  };
  await Promise.all(Array.from({ length: at }, run));
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** A board with dots in all its cells, each colour on two neighbours. */
function full(name: string, side: number): BoardDraft {
  const dots = numbers(side * side).map((index) => ({
    row: Math.floor(index / side),
    col: index % side,
    color: `#${((Math.floor(index / 2) * 7919 + 4097) % 0xffffff).toString(16).padStart(6, '0')}`,
  }));
  return { name, rows: side, cols: side, dots };
}

function part(name: string, job: () => Promise<void>): void {
  const only = process.env.BENCH_ONLY;
  test.runIf(!only || only === name)(name, job, 600_000);
}

const line = cells([0, 0], [0, 1], [0, 2]);

part('missed', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  const boards: Board[] = [];
  for (const index of numbers(20)) boards.push(await ada.makeBoard(pairs(`Board ${index}`)));
  const context = await it.visitors.browse();
  await (await go(context, '#/')).close();
  await each(numbers(10_200), 16, (index) =>
    index % 20 === 0
      ? ada.makeBoard(pairs(`Later ${index}`))
      : ada.drawPath(boards[index % 20]?.id as number, line),
  );
  await watched(context);
  const page = await context.newPage();
  const start = Date.now();
  await page.goto('/');
  await page.locator('.card h2 a').first().waitFor();
  const shown = Date.now() - start;
  await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
  const newest = await page.evaluate(async () => {
    const { headers } = await fetch('/api/v1/boards?limit=1');
    return Number(headers.get('last-event-id'));
  });
  await page.waitForFunction((id) => Number(localStorage.getItem('dotcast.cursor')) >= id, newest, {
    timeout: 120_000,
  });
  table['10,200 missed'] = {
    'boards shown, ms': shown,
    'caught up, ms': Date.now() - start,
    ...(await look(page)),
  };
  await page.getByRole('link', { name: /^Activity/ }).click();
  await page.locator('.notices li').first().waitFor();
  table['their activity'] = { rows: await page.locator('.notices li').count() };
});

part('live', async () => {
  const bob = await Account.register(it.server.url, 'bob');
  const boards: Board[] = [];
  for (const index of numbers(20)) boards.push(await bob.makeBoard(pairs(`Live ${index}`)));
  const page = await go(await watched(await it.visitors.browse()), '#/');
  await page.locator('.card h2 a').first().waitFor();
  await page.evaluate(() =>
    Object.assign((globalThis as unknown as { seen: Seen }).seen, {
      tasks: [],
      frames: [],
      writes: 0,
      toasts: 0,
    }),
  );
  const begun = Date.now();
  const jobs: Promise<unknown>[] = [];
  // 200 a second for eight seconds, a tenth of them new boards and a tenth changes.
  for (const index of numbers(1600)) {
    const wait = begun + index * 5 - Date.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const id = boards[index % 20]?.id as number;
    if (index % 10 === 0) jobs.push(bob.makeBoard(pairs(`New ${index}`)));
    else if (index % 10 === 1) jobs.push(bob.changeBoard(id, pairs(`Live ${index}`)));
    else jobs.push(bob.drawPath(id, line));
  }
  await Promise.all(jobs);
  const seconds = (Date.now() - begun) / 1000;
  table['live, 8 s'] = { 'events/s': Math.round(1600 / seconds), ...(await look(page)) };
});

part('list', async () => {
  const eve = await Account.register(it.server.url, 'eve');
  await each(numbers(50), 4, (index) => eve.makeBoard(full(`Full ${index}`, 50)));
  const page = await (await watched(await it.visitors.browse())).newPage();
  const start = Date.now();
  await page.goto('/');
  await page.getByRole('link', { name: /^Full/ }).nth(9).waitFor();
  const shown = Date.now() - start;
  while ((await page.locator('.card h2 a').count()) < 50) {
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    const more = page.getByRole('button', { name: 'Load more' });
    await more.click({ timeout: 500 }).catch(() => {});
  }
  table['50 full boards'] = {
    'boards shown, ms': shown,
    elements: await page.evaluate(() => document.querySelectorAll('*').length),
    ...(await look(page)),
  };
});

part('many', async () => {
  const kim = await Account.register(it.server.url, 'kim');
  await each(numbers(650), 16, (index) => kim.makeBoard(full(`Many ${index}`, 6)));
  const page = await go(await watched(await it.visitors.browse()), '#/');
  while ((await page.locator('.card h2 a').count()) < 650) {
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    const more = page.getByRole('button', { name: 'Load more' });
    await more.click({ timeout: 500 }).catch(() => {});
  }
  const card = page.locator('.card').nth(500);
  await card.scrollIntoViewIfNeeded();
  await card.hover();
  const place = async () => (await card.boundingBox())?.y ?? 0;
  const name = await card.locator('h2 a').textContent();
  const before = await place();
  await each(numbers(30), 4, (index) => kim.makeBoard(pairs(`Newer ${index}`)));
  await page.waitForTimeout(3000);
  const after = (
    await page
      .locator('.card', { hasText: name ?? '' })
      .boundingBox()
      .catch(() => null)
  )?.y;
  table['650 boards, 30 new'] = {
    cards: await page.locator('.card h2 a').count(),
    'card moved, px': after === undefined ? 'gone' : Math.round(Math.abs(after - before)),
    elements: await page.evaluate(() => document.querySelectorAll('*').length),
    ...(await look(page)),
  };
});

part('draw', async () => {
  const max = await Account.register(it.server.url, 'max');
  const corners = [0, 49].map((row) => ({ row, col: 0, color: '#f4503b' }));
  const rest = full('', 50).dots.filter((it) => it.row === 49 && it.col > 1);
  const draft = { name: 'Large', rows: 50, cols: 50, dots: [...corners, ...rest] };
  const { id } = await max.makeBoard(draft);
  const viewport = { width: 1400, height: 1200 };
  const page = await go(await it.visitors.browse(max, { viewport }), `#/boards/${id}`);
  await cell(page, [0, 0]).focus();
  await page.keyboard.press('Enter');
  const box = await page.locator('svg.grid').boundingBox();
  if (!box) throw new Error('the grid is not to be seen');
  const at = (row: number, col: number) =>
    page.mouse.move(
      box.x + ((col + 0.5) * box.width) / 50,
      box.y + ((row + 0.5) * box.height) / 50,
    );
  await at(0, 0);
  await page.mouse.down();
  let row = 0;
  for (const length of [1000, 2400]) {
    for (; row < length / 50; row += 1) {
      await at(row, row % 2 ? 49 : 0);
      await at(row, row % 2 ? 0 : 49);
    }
    const moves = await page.evaluate(() => {
      const moves: number[] = [];
      addEventListener(
        'pointermove',
        () => {
          const start = performance.now();
          // What is rendered for it has been by then; the layout is made now.
          setTimeout(() => {
            document.body.getBoundingClientRect();
            moves.push(performance.now() - start);
          });
        },
        true,
      );
      Object.assign(globalThis, { moves });
      return moves.length;
    });
    for (const step of numbers(12)) await at(row, row % 2 ? 49 - step : step);
    const took = await page.evaluate(() => (globalThis as unknown as { moves: number[] }).moves);
    const sorted = took.slice(moves).sort((a, b) => a - b);
    table[`a line of ${length}, per move`] = {
      'p50, ms': Math.round((sorted[Math.floor(sorted.length / 2)] ?? 0) * 10) / 10,
      'most, ms': Math.round((sorted.at(-1) ?? 0) * 10) / 10,
    };
  }
  await page.mouse.up();
});
