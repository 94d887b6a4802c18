import { describe, expect, test } from 'vitest';
import type { Board } from '../src/api/client';
import {
  appendPage,
  type BoardList,
  dropAfter,
  dropBoard,
  mergeNotices,
  putBoard,
  reduce,
  toNotice,
} from '../src/state/reducer';
import type { EventType, StreamEvent } from '../src/stream/event';

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

  test('of paths and of boards that are solved change nothing', () => {
    expect(reduce(list, event(101, 'newPath', 5))).toEqual({ list, wanted: null });
    expect(reduce(list, event(101, 'boardSolved', 5))).toEqual({ list, wanted: null });
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
    expect(ids(putBoard(list, board(10)))).toEqual([10, 9, 5, 3]);
    expect(ids(putBoard(list, board(4)))).toEqual([9, 5, 4, 3]);
    expect(ids(putBoard(list, board(1)))).toEqual([9, 5, 3, 1]);
  });

  test('is left to the next page if it is older than those shown', () => {
    const list = listOf([9, 5, 3], true);
    expect(putBoard(list, board(1))).toBe(list);
  });

  test('replaces only an older version', () => {
    const list = putBoard(listOf([9, 5, 3]), board(5, 3));
    expect(list.items[1]?.version).toBe(3);
    expect(putBoard(list, board(5, 2))).toBe(list);
    expect(putBoard(list, board(5, 3))).toBe(list);
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

describe('notices', () => {
  const notice = (id: number, at = 0) => toNotice(event(id, 'newPath', 1), at, false);

  test('are there once, newest first; the first that was noted stays', () => {
    const merged = mergeNotices([notice(3, 1), notice(1, 1)], [notice(2, 2), notice(3, 2)]);
    expect(merged.map(({ id, at }) => [id, at])).toEqual([
      [3, 1],
      [2, 2],
      [1, 1],
    ]);
  });

  test('are bounded: the oldest go', () => {
    const many = Array.from({ length: 300 }, (_, index) => notice(index + 1));
    const merged = mergeNotices(many, []);
    expect(merged).toHaveLength(200);
    expect([merged[0]?.id, merged.at(-1)?.id]).toEqual([300, 101]);
  });

  test('of a log that has gone back are dropped', () => {
    expect(dropAfter([notice(3), notice(2), notice(1)], 2).map((it) => it.id)).toEqual([2, 1]);
  });
});
