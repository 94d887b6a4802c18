import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cell } from '../src/api/client';
import { begin, type Drawing, isDone, moveTo, step, undo } from '../src/rules/drawing';
import { checkPath, connects, distance } from '../src/rules/path';
import { type Board, beginAt, boardOf, draw } from './drawn';

function cellsOf({ cells }: Drawing) {
  return cells.map(({ row, col }) => [row, col]);
}

describe('a drawing', () => {
  const open = boardOf('a...', '....', '...a');

  test('begins only on a dot', () => {
    expect(begin(open, { row: 0, col: 1 })).toBeNull();
    expect(beginAt(open, 0, 0)).toEqual({ cells: [{ row: 0, col: 0 }], color: 'a' });
  });

  test('goes from cell to cell', () => {
    expect(cellsOf(draw(open, [0, 0], [0, 1], [1, 1]))).toEqual([
      [0, 0],
      [0, 1],
      [1, 1],
    ]);
  });

  test('fills in a straight way that the pointer skipped', () => {
    expect(cellsOf(draw(open, [0, 0], [0, 3]))).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [0, 3],
    ]);
  });

  test('fills in a bent way without a detour', () => {
    const drawing = draw(open, [0, 0], [2, 2]);
    expect(drawing.cells).toHaveLength(5);
    expect(checkPath(drawing.cells, 3, 4)).toEqual([]);
  });

  test('bends around what is in its way, but makes no detour', () => {
    const board = boardOf('ab.', '...', '..a');
    expect(cellsOf(draw(board, [0, 0], [1, 1]))).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
    ]);
    expect(cellsOf(draw(board, [0, 0], [0, 2]))).toEqual([[0, 0]]);
  });

  test('does not leave the grid', () => {
    expect(cellsOf(draw(open, [0, 0], [-1, 0], [0, 4]))).toEqual([[0, 0]]);
  });

  test('does not enter a dot of another colour', () => {
    expect(cellsOf(draw(boardOf('ab', '.a'), [0, 0], [0, 1]))).toEqual([[0, 0]]);
  });

  test('gets shorter on the way back', () => {
    expect(cellsOf(draw(open, [0, 0], [0, 3], [0, 1]))).toEqual([
      [0, 0],
      [0, 1],
    ]);
    expect(cellsOf(draw(open, [0, 0], [0, 3], [0, 0]))).toEqual([[0, 0]]);
  });

  test('does not cross itself on the way to a cell that was skipped to', () => {
    const around = draw(open, [0, 0], [0, 2], [1, 2], [2, 2], [2, 0], [1, 0]);
    expect(moveTo(open, around, { row: 1, col: 3 })).toBe(around);
  });

  test('ends at its partner', () => {
    const board = boardOf('a.a..');
    const done = draw(board, [0, 0], [0, 2]);
    expect(isDone(board, done)).toBe(true);
    expect(moveTo(board, done, { row: 0, col: 3 })).toBe(done);
  });

  test('ends at its partner when a quick pointer has run over it', () => {
    const board = boardOf('a.a..');
    expect(isDone(board, draw(board, [0, 0], [0, 4]))).toBe(true);
  });

  test('may be taken up again from its partner', () => {
    const board = boardOf('a.a', '...');
    const done = draw(board, [0, 0], [0, 2], [0, 1], [1, 1]);
    expect(isDone(board, done)).toBe(false);
    expect(done.cells).toHaveLength(3);
  });
});

describe('arrow keys', () => {
  const board = boardOf('a..', '...', '..a');

  test('go one step, and one step back', () => {
    const one = step(board, beginAt(board, 0, 0), 0, 1);
    const two = step(board, one, 1, 0);
    expect(cellsOf(two)).toEqual([
      [0, 0],
      [0, 1],
      [1, 1],
    ]);
    expect(step(board, two, -1, 0)).toEqual(one);
  });

  test('do not jump back over a part of the drawing', () => {
    const around = draw(board, [0, 0], [0, 1], [1, 1], [1, 0]);
    expect(step(board, around, -1, 0)).toBe(around);
  });

  test('stop at the edge', () => {
    const drawing = beginAt(board, 0, 0);
    expect(step(board, drawing, -1, 0)).toBe(drawing);
  });
});

test('undo takes one cell at a time, and then the drawing', () => {
  const drawing = draw(boardOf('a..', '..a'), [0, 0], [0, 1]);
  const once = undo(drawing);
  expect(once && cellsOf(once)).toEqual([[0, 0]]);
  expect(once && undo(once)).toBeNull();
});

describe('whatever is done', () => {
  const COLORS = ['#ff0000', '#00ff00', '#0000ff', '#ffff00'];
  const cell = { row: fc.integer({ min: -1, max: 8 }), col: fc.integer({ min: -1, max: 8 }) };
  const boards = fc
    .record({ rows: fc.integer({ min: 2, max: 8 }), cols: fc.integer({ min: 2, max: 8 }) })
    .chain(({ rows, cols }) =>
      fc
        .uniqueArray(fc.nat(rows * cols - 1), { minLength: 2, maxLength: 8 })
        .map((places) => places.slice(0, places.length - (places.length % 2)))
        .map((places) => ({
          rows,
          cols,
          dots: places.map((place, index) => ({
            row: Math.floor(place / cols),
            col: place % cols,
            color: COLORS[index >> 1] as string,
          })),
        })),
    );
  const directions = fc.constantFrom([0, 1], [0, -1], [1, 0], [-1, 0]) as fc.Arbitrary<
    [number, number]
  >;
  const moves = fc.array(
    fc.oneof(
      fc.record(cell).map((to) => (board: Board, it: Drawing) => moveTo(board, it, to)),
      directions.map(
        (by) =>
          (board: Board, it: Drawing): Drawing =>
            step(board, it, ...by),
      ),
      fc.constant((_: Board, it: Drawing) => undo(it) ?? it),
    ),
    { maxLength: 60 },
  );

  test('a drawing keeps the rules, and only its ends are dots', () => {
    fc.assert(
      fc.property(boards, moves, (board, all) => {
        const dot = board.dots[0] as Board['dots'][number];
        let drawing = beginAt(board, dot.row, dot.col);
        for (const move of all) {
          drawing = move(board, drawing);
          const { cells } = drawing;
          const isSingle = cells.length === 1;
          expect(isSingle ? [] : checkPath(cells, board.rows, board.cols)).toEqual([]);
          expect(cells[0]).toEqual({ row: dot.row, col: dot.col });
          const dots = cells.slice(1).filter((it) => begin(board, it));
          expect(dots).toHaveLength(isDone(board, drawing) ? 1 : 0);
        }
      }),
    );
  });

  test('a move does what it would do without any index of cells and dots', () => {
    fc.assert(
      fc.property(boards, fc.array(fc.record(cell), { maxLength: 40 }), (board, all) => {
        const dot = board.dots[0] as Board['dots'][number];
        let [drawing, plain] = [beginAt(board, dot.row, dot.col), beginAt(board, dot.row, dot.col)];
        for (const to of all) {
          drawing = moveTo(board, drawing, to);
          plain = plainMoveTo(board, plain, to);
          expect(drawing).toEqual(plain);
          expect(isDone(board, drawing)).toBe(connects(board.dots, drawing.cells) !== null);
        }
      }),
    );
  });

  test('a neighbouring free cell is always reached', () => {
    fc.assert(
      fc.property(boards, directions, (board, [dRow, dCol]) => {
        const dot = board.dots[0] as Board['dots'][number];
        const drawing = beginAt(board, dot.row, dot.col);
        const to = { row: dot.row + dRow, col: dot.col + dCol };
        const isOutside = to.row < 0 || to.col < 0 || to.row >= board.rows || to.col >= board.cols;
        const there = begin(board, to);
        fc.pre(!isOutside && (there === null || there.color === dot.color));
        expect(moveTo(board, drawing, to).cells.at(-1)).toEqual(to);
      }),
    );
  });
});

/** What `moveTo` does, without anything that makes it quick. */
function plainMoveTo(board: Board, drawing: Drawing, to: Cell): Drawing {
  const { cells, color } = drawing;
  const at = (cell: Cell) => (it: Cell) => distance(it, cell) === 0;
  if (to.row < 0 || to.col < 0 || to.row >= board.rows || to.col >= board.cols) return drawing;
  const back = cells.findIndex(at(to));
  if (back === cells.length - 1) return drawing;
  if (back >= 0) return { cells: cells.slice(0, back + 1), color };
  if (connects(board.dots, cells)) return drawing;
  const last = cells.at(-1) as Cell;

  const wayTo = (target: Cell, from = last): Cell[] | null => {
    const [down, right] = [target.row - from.row, target.col - from.col];
    if (down === 0 && right === 0) return [];
    const steps = [
      { row: from.row + Math.sign(down), col: from.col },
      { row: from.row, col: from.col + Math.sign(right) },
    ].filter((next) => distance(next, from) === 1);
    if (Math.abs(right) > Math.abs(down)) steps.reverse();
    for (const next of steps) {
      const dot = board.dots.find(at(next));
      const isTarget = distance(next, target) === 0 && dot?.color === color;
      if (cells.some(at(next)) || (dot && !isTarget)) continue;
      const rest = wayTo(target, next);
      if (rest) return [next, ...rest];
    }
    return null;
  };
  const partner = board.dots.find((dot) => dot.color === color && !cells.some(at(dot)));
  const isPast = partner && distance(last, partner) + distance(partner, to) === distance(last, to);
  const way = wayTo(to) ?? (isPast ? wayTo({ row: partner.row, col: partner.col }) : null);
  return way ? { cells: [...cells, ...way], color } : drawing;
}
