import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Board, Cell, Path } from '../src/api/client';
import { begin, type Drawing, moveTo } from '../src/rules/drawing';
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
    expect(nameOf(at(0, 0), null)).toBe('Row 1, column 1, red dot, joined');
    expect(nameOf(at(0, 1), null)).toBe('Row 1, column 2, red path');
    expect(nameOf(at(2, 0), null)).toBe('Row 3, column 1, blue dot');
    expect(nameOf(at(1, 1), null)).toBe('Row 2, column 2');
  });

  it('tells of the line that is being drawn', () => {
    const drawing = { cells: [at(2, 0), at(2, 1)], color: BLUE };
    expect(nameOf(at(2, 0), drawing)).toBe('Row 3, column 1, blue dot, on your line');
    expect(nameOf(at(2, 1), drawing)).toBe('Row 3, column 2, end of your line');
  });

  it('tells of the line that it crosses others', () => {
    const drawing = { cells: [at(2, 0), at(1, 0), at(1, 1), at(0, 1)], color: BLUE };
    expect(nameOf(at(0, 1), drawing)).toBe('Row 1, column 2, end of your line, crosses red');
    expect(nameOf(at(1, 1), drawing)).toBe('Row 2, column 2, on your line');
    expect(names.crossings(drawing)).toEqual([at(0, 1)]);
    expect(names.crossings({ ...drawing, color: RED })).toEqual([]);
  });

  it('tells pairs apart by letters if they are shown, or where colours have one name', () => {
    const withLetters = namesOf(board, [path], true);
    expect([RED, BLUE].map(withLetters.ofColor)).toEqual(['red A', 'blue B']);
    const dots = board.dots.map((it) => (it.color === BLUE ? { ...it, color: '#ff0000' } : it));
    const reds = namesOf({ ...board, dots }, []);
    expect([RED, '#ff0000'].map(reds.ofColor)).toEqual(['red A', 'red B']);
    expect([RED, BLUE].map(names.ofColor)).toEqual(['red', 'blue']);
    expect(names.marks.size).toBe(0);
    expect([...names.letters.values()]).toEqual(['A', 'B']);
  });

  it('says the same of a line whichever was there before it', () => {
    const large = { ...board, rows: 8, cols: 8 } as Board;
    const move = fc.record({ row: fc.nat(7), col: fc.nat(7) });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
        const known = namesOf(large, [path]);
        let drawing = begin(large, at(0, 0)) as Drawing;
        for (const to of moves) {
          drawing = moveTo(large, drawing, to);
          expect(known.ofRows(drawing)).toEqual(namesOf(large, [path]).ofRows(drawing));
        }
      }),
      { numRuns: 30 },
    );
  });
});

it('puts together anew only the names of rows in which a line changes', () => {
  const large = { ...board, rows: 50, cols: 50, dots: [{ ...at(0, 0), color: RED }] } as Board;
  const names = namesOf(large, []);
  let line = begin(large, at(0, 0)) as Drawing;
  for (let row = 0; row < 20; row += 1) line = moveTo(large, line, at(row, row % 2 ? 0 : 49));
  const before = names.ofRows(line);
  const after = names.ofRows(moveTo(large, line, at(19, 1)));
  expect(before.filter((it, row) => it !== after[row])).toHaveLength(1);
  const plain = names.ofRows(null);
  expect(before.filter((it, row) => it !== plain[row])).toHaveLength(20);
});

describe('colorOf', () => {
  it('is that of the dot at either end', () => {
    expect(colorOf(board, [at(2, 0), at(1, 0)])).toBe(BLUE);
    expect(colorOf(board, [at(1, 0), at(2, 0)])).toBe(BLUE);
    expect(colorOf(board, [at(1, 0), at(1, 1)])).toBeNull();
  });
});
