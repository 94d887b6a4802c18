import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Board } from '../src/api/client';
import type { EventType, StreamEvent } from '../src/state/event';

vi.useFakeTimers();

/** The boards on a server, newest first, and how its list was asked for. */
const server = {
  boards: new Map<number, number>(),
  asked: 0,
  cursor: 0,
  answers: Promise.resolve(),
};

function board(id: number): Board {
  return { id, name: `Board ${id}`, version: server.boards.get(id) } as Board;
}

vi.mock('../src/api/client', () => ({
  LONGEST_PAGE: 200,
  api: {
    async listBoards({ limit = 50, before = Number.POSITIVE_INFINITY }) {
      server.asked += 1;
      await server.answers;
      const ids = [...server.boards.keys()].filter((id) => id < before).sort((a, b) => b - a);
      const items = ids.slice(0, limit).map(board);
      const next_before = ids.length > limit ? (items.at(-1)?.id ?? null) : null;
      return { items, next_before, cursor: server.cursor };
    },
  },
}));

let lastEvent = 0;

function event(type: EventType, boardId: number): StreamEvent {
  lastEvent += 1;
  return { id: lastEvent, type, boardId, boardName: '', username: 'ada' };
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** A page that has loaded so many boards of a server that has 650. */
async function setup(loaded: number) {
  vi.resetModules();
  server.boards = new Map(numbers(1, 650).map((id) => [id, 1]));
  server.cursor = lastEvent;
  server.answers = Promise.resolve();
  const page = await import('../src/state/boards');
  await page.loadBoards();
  const ids = () => (page.boards.value.state === 'ready' ? page.boards.value.items : []);
  while (ids().length < loaded) await page.loadMore();
  server.asked = 0;
  return { ...page, ids: () => ids().map((it) => it.id), items: ids };
}

beforeEach(() => {
  vi.clearAllTimers();
});

describe('a list of which much is loaded', () => {
  test('keeps all of it in a burst, and reads what is new together', async () => {
    const { applyToBoards, ids } = await setup(650);
    const made = numbers(651, 950);
    for (const id of made) server.boards.set(id, 1);
    applyToBoards(made.map((id) => event('newBoard', id)));
    await vi.advanceTimersByTimeAsync(1000);
    expect(ids()).toEqual(numbers(1, 950).reverse());
    expect(server.asked).toBe(2);
  });

  test('keeps all of it when it is read again', async () => {
    const { loadBoards, ids } = await setup(650);
    server.boards.set(651, 1);
    await loadBoards();
    expect(ids()).toHaveLength(650);
    expect(ids()[0]).toBe(651);
  });

  test('asks once at a time, however often something happens', async () => {
    const { applyToBoards, items } = await setup(50);
    let answer = () => {};
    server.answers = new Promise((resolve) => {
      answer = resolve;
    });
    for (const version of numbers(2, 101)) {
      server.boards.set(640, version);
      applyToBoards([event('boardUpdated', 640)]);
      await vi.advanceTimersByTimeAsync(5);
    }
    expect(server.asked).toBe(1);
    answer();
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.asked).toBe(2);
    expect(items().find((it) => it.id === 640)?.version).toBe(101);
  });

  test('reads boards that are solved again and again together, once a second', async () => {
    const { applyToBoards } = await setup(50);
    for (const id of numbers(1, 2000)) {
      applyToBoards([event('boardSolved', 601 + (id % 50))]);
      await vi.advanceTimersByTimeAsync(5);
    }
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.asked).toBeGreaterThan(5);
    expect(server.asked).toBeLessThanOrEqual(12);
  });

  test('does not show again what was deleted while it was read', async () => {
    const { applyToBoards, ids } = await setup(50);
    let answer = () => {};
    server.answers = new Promise((resolve) => {
      answer = resolve;
    });
    server.boards.set(651, 1);
    applyToBoards([event('newBoard', 651)]);
    await vi.advanceTimersByTimeAsync(5);
    applyToBoards([event('boardDeleted', 651)]);
    answer();
    await vi.advanceTimersByTimeAsync(1000);
    expect(ids()).not.toContain(651);
  });

  test('leaves to events what was gone when it was read', async () => {
    const { applyToBoards, ids } = await setup(650);
    applyToBoards(numbers(651, 660).map((id) => event('newBoard', id)));
    await vi.advanceTimersByTimeAsync(1000);
    expect(ids()).toHaveLength(650);
    expect(server.asked).toBe(1);
  });
});
