import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Board } from '../src/api/client';

vi.useFakeTimers();

interface Asked {
  name?: string;
  page?: string;
}

/** Searches that wait for their answers. */
const asked: { query: Asked; answer(ids: number[], next?: string): void; fail(): void }[] = [];

vi.mock('../src/api/client', () => ({
  api: {
    listBoards(query: Asked) {
      return new Promise((resolve, reject) => {
        asked.push({
          query,
          answer: (ids, next) =>
            resolve({ items: ids.map((id) => board(id)), next_page: next ?? null }),
          fail: () => reject(new Error('no answer')),
        });
      });
    },
  },
}));

function board(id: number, more: Partial<Board> = {}): Board {
  return { id, name: `Board ${id}`, version: 1, solved_count: 0, ...more } as Board;
}

async function setup() {
  vi.resetModules();
  asked.length = 0;
  const page = await import('../src/state/found');
  const now = () => {
    const { value } = page.found;
    if (value.state !== 'ready') throw new Error(value.state);
    return value;
  };
  const tick = () => vi.advanceTimersByTimeAsync(200);
  const answer = async (index: number, ...page: [ids: number[], next?: string]) => {
    await tick();
    asked[index]?.answer(...page);
    await tick();
  };
  return { ...page, now, tick, answer, ids: () => now().items.map((it) => it.id) };
}

beforeEach(() => {
  vi.clearAllTimers();
});

describe('a search', () => {
  test('waits for the one before, and shows what is wished for last', async () => {
    const { find, ids, tick, answer } = await setup();
    for (const name of ['m', 'me', 'met']) {
      find({ name });
      await tick();
    }
    expect(asked.map((it) => it.query.name)).toEqual(['m']);
    await answer(0, [1, 2, 3]);
    // What was typed in between was never looked for.
    expect(asked.map((it) => it.query.name)).toEqual(['m', 'met']);
    await answer(1, [3]);
    expect(ids()).toEqual([3]);
  });

  test('leaves there what was found before until it is answered', async () => {
    const { find, ids, now, answer } = await setup();
    find({ name: 'a' });
    await answer(0, [1]);
    find({ name: 'b' });
    expect([ids(), now().isBusy]).toEqual([[1], true]);
    await answer(1, []);
    expect([ids(), now().isBusy]).toEqual([[], false]);
  });

  test('goes on behind what is there, also behind a page with nothing', async () => {
    const { find, findMore, ids, now, answer } = await setup();
    find({ name: 'a' });
    await answer(0, [9, 8], '8');
    findMore();
    findMore();
    await answer(1, [], '4');
    expect(now().next).toBe('4');
    findMore();
    await answer(2, [8, 3]);
    expect(asked.map((it) => it.query.page)).toEqual([undefined, '8', '4']);
    expect(ids()).toEqual([9, 8, 3]);
    expect(now().next).toBeNull();
  });

  test('drops a page of what is not wished for any more', async () => {
    const { find, findMore, ids, tick, answer } = await setup();
    find({ name: 'a' });
    await answer(0, [9], '9');
    findMore();
    await tick();
    find({ name: 'b' });
    await answer(1, [1]);
    await answer(2, [5]);
    expect(ids()).toEqual([5]);
  });

  test('that fails says so, and is tried again', async () => {
    const { find, found, ids, tick, answer } = await setup();
    find({});
    await tick();
    asked[0]?.fail();
    await tick();
    expect(found.value.state).toBe('error');
    find({});
    await answer(1, [1]);
    expect(ids()).toEqual([1]);
  });
});

test('what was found is read again as far as it is shown', async () => {
  const { find, findMore, ids, readFound, tick, answer } = await setup();
  find({ name: 'm' });
  await answer(0, [5, 4], 'b');
  findMore();
  await answer(1, [3, 2], 'c');
  readFound();
  await answer(2, [6, 5], 'd');
  await answer(3, [3], 'e');
  expect(ids()).toEqual([5, 4, 3, 2]);
  await answer(4, [2, 1], 'f');
  await tick();
  expect(asked.map((it) => it.query.page)).toEqual([undefined, 'b', undefined, 'd', 'e']);
  expect(ids()).toEqual([6, 5, 3, 2, 1]);
});

test('what was found changes in its place, and keeps it when it is deleted', async () => {
  const { find, isFound, markGone, now, putFound, ids, answer } = await setup();
  find({});
  await answer(0, [3, 2, 1]);
  putFound([board(2, { solved_count: 5 }), board(7)]);
  markGone(1);
  markGone(7);
  expect(ids()).toEqual([3, 2, 1]);
  expect(now().items[1]?.solved_count).toBe(5);
  expect([...now().gone]).toEqual([1]);
  expect([isFound(2), isFound(7)]).toEqual([true, false]);
});
