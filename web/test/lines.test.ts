import { describe, expect, it } from 'vitest';
import type { Board } from '../src/api/client';
import { crossings, isSameWay, stillFits } from '../src/rules/lines';

const RED = '#e5343d';
const BLUE = '#2f6bff';
const GREEN = '#14a44d';
const at = (row: number, col: number) => ({ row, col });
const board = {
  rows: 3,
  cols: 3,
  dots: [
    { ...at(0, 0), color: RED },
    { ...at(0, 2), color: RED },
    { ...at(2, 0), color: BLUE },
    { ...at(2, 2), color: BLUE },
  ],
} as Board;

describe('stillFits', () => {
  const drawing = { cells: [at(0, 0), at(1, 0), at(1, 1)], color: RED };
  const with_ = (dots: Board['dots']) => ({ ...board, dots });

  it('tells whether it could be drawn anew', () => {
    expect(stillFits(board, drawing)).toBe(true);
    expect(stillFits({ ...board, cols: 1 }, drawing)).toBe(false);
    expect(stillFits(with_(board.dots.slice(1)), drawing)).toBe(false);
    expect(stillFits(with_([...board.dots, { ...at(1, 1), color: BLUE }]), drawing)).toBe(false);
  });
});

describe('isSameWay', () => {
  it('goes through the same cells in the same order', () => {
    const way = [at(0, 0), at(0, 1)];
    expect(isSameWay(way, [at(0, 0), at(0, 1)])).toBe(true);
    expect(isSameWay(way, [at(0, 1), at(0, 0)])).toBe(false);
    expect(isSameWay(way, [at(0, 0)])).toBe(false);
    expect(isSameWay(way, [...way, at(1, 1)])).toBe(false);
  });
});

describe('crossings', () => {
  const dots = [RED, BLUE, GREEN].map((color, row) => ({ ...at(row, 0), color }));
  const line = (connects: string | null, ...cells: [number, number][]) => ({
    connects,
    cells: cells.map(([row, col]) => at(row, col)),
  });

  it('names each pair of colours once, in the order of the dots', () => {
    const lines = [
      line(GREEN, [0, 1], [1, 1], [2, 1]),
      line(BLUE, [1, 0], [1, 1], [1, 2]),
      line(RED, [0, 0], [0, 1], [1, 1]),
    ];
    expect(crossings(dots, lines)).toEqual([
      [RED, BLUE],
      [RED, GREEN],
      [BLUE, GREEN],
    ]);
  });

  it('passes over lines of one colour and such as join nothing', () => {
    const lines = [
      line(RED, [0, 0], [0, 1]),
      line(RED, [0, 1], [0, 2]),
      line(null, [0, 1], [1, 1]),
    ];
    expect(crossings(dots, lines)).toEqual([]);
  });
});
