import { describe, expect, test } from 'vitest';
import type { Board } from '../src/api/client';
import { firstBoard } from '../src/views/boards/first';
import { addressOf, choiceIn, isPlain, wishFor } from '../src/views/boards/wish';

const of = (query: string) => choiceIn(new URLSearchParams(query));

describe('the choice of boards', () => {
  test.each([
    ['', { text: '', show: 'all', sort: 'newest' }],
    [
      'q=metro+1&show=unsolved&sort=most_solved',
      { text: 'metro 1', show: 'unsolved', sort: 'most_solved' },
    ],
    ['q=%C5%81%26&show=mine', { text: 'Ł&', show: 'mine', sort: 'newest' }],
    ['q=&show=yours&sort=oldest&x=y', { text: '', show: 'all', sort: 'newest' }],
  ])('in %o', (query, choice) => {
    expect(of(query)).toEqual(choice);
    expect(of(addressOf('/', choice as never).slice(2))).toEqual(choice);
  });

  test('is no longer than a name can be, and breaks no character', () => {
    expect(of(`q=${'😀'.repeat(101)}`).text).toBe('😀'.repeat(100));
  });

  test('has a short address', () => {
    expect(addressOf('/u/ada', of(''))).toBe('/u/ada');
    expect(addressOf('/', of('q=x&sort=newest'))).toBe('/?q=x');
  });
});

describe('what is looked for', () => {
  test('depends on who looks', () => {
    expect(wishFor(of('show=mine'), 'ada')).toEqual({ creator: 'ada' });
    expect(wishFor(of('show=unsolved&q=+x+'), 'ada')).toEqual({ name: 'x', solved: false });
    expect(wishFor(of('show=unsolved'), 'ada', 'bob')).toEqual({ creator: 'bob', solved: false });
    // A guest has made and solved nothing.
    for (const show of ['mine', 'unsolved']) {
      expect(isPlain(wishFor(of(`show=${show}`), null))).toBe(true);
    }
  });

  test('is all there is when nothing is chosen', () => {
    expect(isPlain(wishFor(of('q=+'), 'ada'))).toBe(true);
    expect(isPlain(wishFor(of('sort=most_solved'), 'ada'))).toBe(false);
  });
});

describe('the board to begin with', () => {
  const board = (id: number, side: number, more: Partial<Board> = {}) =>
    ({ id, rows: side, cols: side, dots: [1, 2, 3, 4], solved_count: 0, ...more }) as Board;

  test('is small, and can be solved as far as one knows', () => {
    const all = [board(1, 6), board(2, 4), board(3, 5, { solved_count: 2 }), board(4, 50)];
    expect(firstBoard(all)?.id).toBe(3);
    expect(firstBoard(all.slice(0, 2))?.id).toBe(2);
  });

  test('has not been solved by oneself, and has pairs', () => {
    expect(firstBoard([board(1, 4, { solved: true })])).toBeNull();
    expect(firstBoard([board(1, 4, { dots: [] })])).toBeNull();
    expect(firstBoard([board(1, 50)])).toBeNull();
    expect(firstBoard([])).toBeNull();
  });
});
