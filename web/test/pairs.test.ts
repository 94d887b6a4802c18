import { describe, expect, it } from 'vitest';
import type { Board, Cell, Path } from '../src/api/client';
import type { Drawing } from '../src/rules/drawing';
import { colorOf, namesOf } from '../src/views/draw/pairs';

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
  const nameOf = ({ row, col }: Cell, drawing: Drawing | null) =>
    names.ofRows(drawing)[row]?.split('\n')[col];

  it('tells of a cell what is to be seen there', () => {
    expect(nameOf(at(0, 0), null)).toBe('Row 1, column 1, red A dot, joined');
    expect(nameOf(at(0, 1), null)).toBe('Row 1, column 2, red A path');
    expect(nameOf(at(2, 0), null)).toBe('Row 3, column 1, blue B dot');
    expect(nameOf(at(1, 1), null)).toBe('Row 2, column 2');
  });

  it('tells of the line that is being drawn', () => {
    const drawing = { cells: [at(2, 0), at(2, 1)], color: BLUE };
    expect(nameOf(at(2, 0), drawing)).toBe('Row 3, column 1, blue B dot, on your line');
    expect(nameOf(at(2, 1), drawing)).toBe('Row 3, column 2, end of your line');
  });
});

it('puts together anew only the names of rows that a line runs through', () => {
  const large = { ...board, rows: 50, cols: 50 } as Board;
  const names = namesOf(large, []);
  const snake = Array.from({ length: 1000 }, (_, index) => {
    const row = Math.floor(index / 50);
    return at(row, row % 2 ? 49 - (index % 50) : index % 50);
  });
  let reads = 0;
  const counted = new Proxy(snake, {
    get(target, key, receiver) {
      if (typeof key === 'string' && /^\d+$/.test(key)) reads += 1;
      return Reflect.get(target, key, receiver);
    },
  });
  const drawn = names.ofRows({ cells: counted, color: RED });
  // Each cell of the line is looked at once, and not once for each cell of the grid.
  expect(reads).toBe(1000);
  const plain = names.ofRows(null);
  const changed = drawn.filter((it, row) => it !== plain[row]);
  expect(changed).toHaveLength(20);
});

describe('colorOf', () => {
  it('is that of the dot at either end', () => {
    expect(colorOf(board, [at(2, 0), at(1, 0)])).toBe(BLUE);
    expect(colorOf(board, [at(1, 0), at(2, 0)])).toBe(BLUE);
    expect(colorOf(board, [at(1, 0), at(1, 1)])).toBeNull();
  });
});
