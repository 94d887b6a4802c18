import { describe, expect, test } from 'vitest';
import type { Board } from '../src/api/client';
import type { EventType, StreamEvent } from '../src/state/event';
import {
  appendPage,
  arrange,
  type BoardList,
  dropBoard,
  putBoards,
  reduce,
} from '../src/state/reducer';

function board(id: number, version = 1): Board {
  const at = '2026-11-01T12:00:00+00:00';
  const times = { created_at: at, updated_at: at };
  return {
    id,
    name: `Board ${id}`,
    creator_username: 'ada',
    rows: 3,
    cols: 3,
    dots: [],
    version,
    solved_count: 0,
    ...times,
  };
}

function listOf(ids: number[], more = false): BoardList {
  return { items: ids.map((id) => board(id)), more, cursor: 100 };
}

function event(id: number, type: EventType, boardId: number): StreamEvent {
  return { id, type, boardId, boardName: `Board ${boardId}`, username: 'bob' };
}

function ids({ items }: BoardList) {
  return items.map((it) => it.id);
}

describe('events', () => {
  const list = listOf([9, 5, 3]);

  test('that make or change a board have it read', () => {
    expect(reduce(list, event(101, 'newBoard', 10))).toEqual({ list, wanted: 10 });
    expect(reduce(list, event(101, 'boardUpdated', 5))).toEqual({ list, wanted: 5 });
  });

  test('that the list knows already change nothing', () => {
    expect(reduce(list, event(100, 'newBoard', 10))).toEqual({ list, wanted: null });
    expect(reduce(list, event(99, 'boardUpdated', 5))).toEqual({ list, wanted: null });
  });

  test('of boards that are solved have them read, and those of paths change nothing', () => {
    expect(reduce(list, event(101, 'newPath', 5))).toEqual({ list, wanted: null });
    expect(reduce(list, event(101, 'boardSolved', 5))).toEqual({ list, wanted: 5 });
    expect(reduce(list, event(100, 'boardSolved', 5))).toEqual({ list, wanted: null });
  });

  test('of boards older than those shown are left to the next page', () => {
    const page = listOf([9, 5, 3], true);
    expect(reduce(page, event(101, 'boardUpdated', 2)).wanted).toBeNull();
    expect(reduce(page, event(101, 'boardUpdated', 3)).wanted).toBe(3);
    expect(reduce(list, event(101, 'boardUpdated', 2)).wanted).toBe(2);
  });

  test('that delete a board take it away, however old they are', () => {
    const deleted = reduce(list, event(50, 'boardDeleted', 5));
    expect(ids(deleted.list)).toEqual([9, 3]);
    expect(deleted.wanted).toBeNull();
    expect(reduce(deleted.list, event(51, 'boardDeleted', 5)).list).toBe(deleted.list);
  });
});

describe('a board that was read', () => {
  test('gets its place, newest first', () => {
    const list = listOf([9, 5, 3]);
    expect(ids(putBoards(list, [board(10)]))).toEqual([10, 9, 5, 3]);
    expect(ids(putBoards(list, [board(4)]))).toEqual([9, 5, 4, 3]);
    expect(ids(putBoards(list, [board(1)]))).toEqual([9, 5, 3, 1]);
  });

  test('is left to the next page if it is older than those shown', () => {
    const list = listOf([9, 5, 3], true);
    expect(putBoards(list, [board(1)])).toBe(list);
  });

  test('replaces only an older version', () => {
    const list = putBoards(listOf([9, 5, 3]), [board(5, 3)]);
    expect(list.items[1]?.version).toBe(3);
    expect(putBoards(list, [board(5, 2)])).toBe(list);
    expect(putBoards(list, [board(5, 3)])).toBe(list);
  });

  test('replaces one that more have solved since, or oneself', () => {
    const list = listOf([9, 5, 3]);
    const solved = { ...board(5), solved_count: 1 };
    const next = putBoards(list, [solved]);
    expect(next.items[1]).toBe(solved);
    expect(putBoards(next, [{ ...solved }])).toBe(next);
    expect(putBoards(next, [{ ...solved, solved: true }]).items[1]?.solved).toBe(true);
    // With another layout it is to be solved anew.
    expect(putBoards(next, [board(5, 2)]).items[1]?.solved_count).toBe(0);
  });

  test('goes', () => {
    const list = listOf([9, 5, 3]);
    expect(ids(dropBoard(list, 9))).toEqual([5, 3]);
    expect(dropBoard(list, 8)).toBe(list);
  });
});

test('the next page comes after what is there, without what came meanwhile', () => {
  const next = appendPage(listOf([9, 5], true), { items: [board(5), board(3)], more: false });
  expect(ids(next)).toEqual([9, 5, 3]);
  expect(next.more).toBe(false);
});

describe('while one reads the list', () => {
  const items = (...ids: number[]) => ids.map((id) => board(id));

  test('what is new waits, and nothing changes its place', () => {
    const { ids, waiting } = arrange([9, 5, 3], items(12, 11, 10, 9, 5, 3), false);
    expect(ids).toEqual([9, 5, 3]);
    expect(waiting).toBe(3);
  });

  test('older ones come after it', () => {
    expect(arrange([9, 5], items(9, 5, 3, 1), false)).toEqual({ ids: [9, 5, 3, 1], waiting: 0 });
  });

  test('what is deleted keeps its place', () => {
    expect(arrange([9, 5, 3], items(9, 3), false).ids).toEqual([9, 5, 3]);
  });

  test('it is as it is when it may move', () => {
    expect(arrange([9, 5, 3], items(12, 9, 3), true)).toEqual({ ids: [12, 9, 3], waiting: 0 });
    expect(arrange([], items(12, 9), false)).toEqual({ ids: [12, 9], waiting: 0 });
    // Nothing is left of what was shown.
    expect(arrange([5, 3], items(12), false)).toEqual({ ids: [12], waiting: 0 });
  });
});
