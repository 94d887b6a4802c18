import { describe, expect, it } from 'vitest';
import type { Board, Path } from '../src/api/client';
import { colorOf, namesOf, stillFits } from '../src/views/draw/pairs';

const RED = '#e5343d';
const BLUE = '#2f6bff';
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
const path = { cells: [at(0, 0), at(0, 1), at(0, 2)], connects: RED } as Path;

describe('namesOf', () => {
  const names = namesOf(board, [path]);

  it('tells of a cell what is to be seen there', () => {
    expect(names.ofCell(at(0, 0), null)).toBe('Row 1, column 1, red A dot, joined');
    expect(names.ofCell(at(0, 1), null)).toBe('Row 1, column 2, red A path');
    expect(names.ofCell(at(2, 0), null)).toBe('Row 3, column 1, blue B dot');
    expect(names.ofCell(at(1, 1), null)).toBe('Row 2, column 2');
  });

  it('tells of the line that is being drawn', () => {
    const drawing = { cells: [at(2, 0), at(2, 1)], color: BLUE };
    expect(names.ofCell(at(2, 0), drawing)).toBe('Row 3, column 1, blue B dot, on your line');
    expect(names.ofCell(at(2, 1), drawing)).toBe('Row 3, column 2, end of your line');
  });
});

describe('colorOf', () => {
  it('is that of the dot at either end', () => {
    expect(colorOf(board, [at(2, 0), at(1, 0)])).toBe(BLUE);
    expect(colorOf(board, [at(1, 0), at(2, 0)])).toBe(BLUE);
    expect(colorOf(board, [at(1, 0), at(1, 1)])).toBeNull();
  });
});

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
