import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveTo } from '../src/rules/drawing';
import { tailOf } from '../src/rules/head';
import { boardOf, draw } from './drawn';

describe('the head of a line', () => {
  const board = boardOf('ab..', '....', '...a', '...b');
  const line = draw(board, [0, 0], [1, 0], [1, 1]);
  const headAt = (x: number, y: number, drawn = line, on = board) =>
    tailOf(on, drawn, { x, y }).at(-1);

  it('goes with the pointer towards the next cell, and not off the middle of its way', () => {
    expect(headAt(1.8, 1.5)).toEqual({ row: 1, col: 1.3 });
    expect(headAt(1.5, 1.9)).toEqual({ row: 1.4, col: 1 });
    expect(headAt(1.9, 1.6)?.row).toBe(1);
  });

  it('ends at the edge of the next cell, however far away the pointer is', () => {
    expect(headAt(3.9, 1.5)).toEqual({ row: 1, col: 1.5 });
    expect(headAt(1.5, 9)).toEqual({ row: 1.5, col: 1 });
  });

  it('does not go into a dot of another colour, over itself or off the grid', () => {
    expect(headAt(1.5, 1.1)).toEqual({ row: 1, col: 1 });
    const around = draw(board, [0, 0], [1, 0], [1, 1], [2, 1], [2, 0]);
    expect(headAt(0.5, 2.1, around)).toEqual({ row: 2, col: 0 });
    expect(headAt(0.1, 2.5, around)).toEqual({ row: 2, col: 0 });
  });

  it('goes into its partner, and stays there', () => {
    const near = draw(board, [0, 0], [1, 0], [2, 0], [2, 2]);
    expect(headAt(2.9, 2.5, near)).toEqual({ row: 2, col: 2.4 });
    const joined = moveTo(board, near, { row: 2, col: 3 });
    expect(headAt(3.1, 2.5, joined)).toEqual({ row: 2, col: 3 });
  });

  it('makes the line shorter on the way back', () => {
    expect(tailOf(board, line, { x: 1.2, y: 1.5 })).toEqual([
      { row: 1, col: 0 },
      { row: 1, col: 0.7 },
    ]);
  });

  it('stays where it is when a cell is entered or left', () => {
    const open = boardOf('.....', '.....', '..a..', '.....', 'a....');
    const place = { row: fc.nat(4), col: fc.nat(4) };
    const side = fc.constantFrom([0, 1], [0, -1], [1, 0], [-1, 0]);
    // How far beside the middle of its way the pointer goes over the edge.
    const aside = fc.double({ min: -0.49, max: 0.49, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.record(place), { maxLength: 6 }), side, aside, (way, by, off) => {
        const start = draw(open, [2, 2]);
        const before = way.reduce((drawn, cell) => moveTo(open, drawn, cell), start);
        const last = before.cells.at(-1) as { row: number; col: number };
        const [down, right] = by as [number, number];
        const next = { row: last.row + down, col: last.col + right };
        const after = moveTo(open, before, next);
        const isJoined = [before, after].some(
          (it) => it.cells.at(-1)?.row === 4 && it.cells.at(-1)?.col === 0,
        );
        fc.pre(
          after !== before && !isJoined && Math.abs(after.cells.length - before.cells.length) === 1,
        );
        const x = last.col + 0.5 + (right === 0 ? off : right / 2);
        const y = last.row + 0.5 + (down === 0 ? off : down / 2);
        const [a, b] = [headAt(x, y, before, open), headAt(x, y, after, open)];
        expect(a?.row).toBeCloseTo(b?.row ?? Number.NaN, 6);
        expect(a?.col).toBeCloseTo(b?.col ?? Number.NaN, 6);
      }),
    );
  });
});
