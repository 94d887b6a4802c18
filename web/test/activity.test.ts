import { describe, expect, test } from 'vitest';
import type { Happening } from '../src/state/activity';
import { group } from '../src/views/activity/group';

const HOUR = 3_600_000;

function happening(id: number, at: number, more: Partial<Happening> = {}): Happening {
  return { id, at, type: 'newPath', boardId: 1, boardName: 'Board', username: 'ada', ...more };
}

const none = () => '' as const;

describe('what is listed', () => {
  test('is put together where it is the same, at the place of the newest', () => {
    const items = [
      happening(5, 50),
      happening(4, 40, { username: 'bob' }),
      happening(3, 30),
      happening(2, 20, { type: 'boardUpdated' }),
      happening(1, 10),
    ];
    const found = group(items, none);
    expect(found.map((it) => [it.newest.id, it.oldest, it.times])).toEqual([
      [5, 1, 3],
      [4, 4, 1],
      [2, 2, 1],
    ]);
  });

  test('is apart where hours lie in between', () => {
    const items = [happening(3, 3 * HOUR), happening(2, 2.5 * HOUR), happening(1, HOUR)];
    expect(group(items, none).map((it) => it.times)).toEqual([2, 1]);
  });

  test('is apart where something else is to be said of it', () => {
    const items = [happening(3, 3), happening(2, 2), happening(1, 1)];
    const found = group(items, (it) => (it.id > 2 ? 'new' : ''));
    expect(found.map((it) => [it.tag, it.times])).toEqual([
      ['new', 1],
      ['', 2],
    ]);
  });

  test('of ten thousand alike is one row', () => {
    const items = Array.from({ length: 10_000 }, (_, index) => happening(10_000 - index, 0));
    expect(group(items, none).map((it) => it.times)).toEqual([10_000]);
  });
});
