import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generate } from '../src/puzzle/generate';
import { Grid } from '../src/puzzle/grid';
import { type Puzzle, solve } from '../src/puzzle/solve';
import { checkBoard } from '../src/rules/board';

/** A board drawn as text: a letter is a dot of that colour. */
function boardOf(...lines: string[]): Puzzle {
  const dots = lines.flatMap((line, row) =>
    [...line].flatMap((color, col) => (color === '.' ? [] : [{ row, col, color }])),
  );
  return { rows: lines.length, cols: lines[0]?.length ?? 0, dots };
}

/** Whether a small board can be solved, by trying every line of every colour. */
function canBeSolved({ rows, cols, dots }: Puzzle): boolean {
  const grid = new Grid(rows, cols);
  const colors = [...new Set(dots.map((dot) => dot.color))];
  const ends = colors.map((color) =>
    dots.filter((dot) => dot.color === color).map((dot) => grid.cellAt(dot)),
  ) as [number, number][];
  const taken = new Set(ends.flat());
  const from = (index: number, head: number): boolean => {
    const goal = ends[index]?.[1] as number;
    return (grid.neighbours[head] as number[]).some((cell) => {
      if (cell === goal) return next(index + 1);
      if (taken.has(cell)) return false;
      taken.add(cell);
      const isSolved = from(index, cell);
      taken.delete(cell);
      return isSolved;
    });
  };
  const next = (index: number): boolean =>
    index === ends.length || from(index, ends[index]?.[0] as number);
  return next(0);
}

const WALLED_IN = boardOf('a.b.c', '..b..', '.cad.', '..e..', 'd...e');

const COLORS = Array.from({ length: 12 }, (_, at) => `#0000${(at + 16).toString(16)}`);

describe('a board', () => {
  test.each<[string, Puzzle, ReturnType<typeof solve>]>([
    ['with lines side by side', boardOf('a.a', 'b.b'), { state: 'solvable' }],
    ['with one line around another', boardOf('...', 'aba', '.b.'), { state: 'solvable' }],
    [
      'whose pairs part each other on the rim',
      boardOf('.a.', 'b.b', '.a.'),
      { state: 'unsolvable', crossing: ['a', 'b'] },
    ],
    ['with a dot that is walled in', WALLED_IN, { state: 'unsolvable' }],
  ])('%s', (_, board, verdict) => {
    expect(solve(board)).toEqual(verdict);
  });

  test('is judged as trying everything judges it', () => {
    const puzzle = fc
      .record({
        rows: fc.integer({ min: 2, max: 4 }),
        cols: fc.integer({ min: 2, max: 4 }),
        pairs: fc.integer({ min: 1, max: 4 }),
      })
      .chain(({ rows, cols, pairs }) =>
        fc
          .shuffledSubarray(
            Array.from({ length: rows * cols }, (_, cell) => cell),
            { minLength: 2 },
          )
          .map((cells): Puzzle => {
            const grid = new Grid(rows, cols);
            const count = Math.min(pairs, Math.floor(cells.length / 2));
            const dots = cells
              .slice(0, count * 2)
              .map((cell, at) => ({ ...grid.placeOf(cell), color: 'abcd'[at >> 1] as string }));
            return { rows, cols, dots };
          }),
      );
    fc.assert(
      fc.property(puzzle, (board) => {
        expect(solve(board).state).toBe(canBeSolved(board) ? 'solvable' : 'unsolvable');
      }),
      { numRuns: 500 },
    );
  });

  test('that takes too long to judge is unknown', () => {
    expect(solve(WALLED_IN, 1)).toEqual({ state: 'unknown' });
  });
});

describe('a board that is made up', () => {
  const size = fc.integer({ min: 2, max: 12 });
  const difficulty = fc.constantFrom('easy' as const, 'medium' as const, 'hard' as const);

  test('keeps the rules and can be solved', () => {
    fc.assert(
      fc.property(
        size,
        size,
        difficulty,
        fc.infiniteStream(fc.double({ min: 0, max: 0.999999, noNaN: true })),
        (rows, cols, how, numbers) => {
          const random = () => numbers.next().value as number;
          const dots = generate(rows, cols, how, COLORS, random);
          expect(dots.length).toBeGreaterThan(0);
          expect(checkBoard({ name: 'Made up', rows, cols, dots })).toEqual([]);
          expect(solve({ rows, cols, dots }).state).not.toBe('unsolvable');
        },
      ),
      { numRuns: 60 },
    );
  });

  test('has longer lines when it is harder, and never more than there are colours', () => {
    const pairs = (how: 'easy' | 'medium' | 'hard', side: number) =>
      generate(side, side, how, COLORS).length / 2;
    expect([pairs('easy', 7), pairs('medium', 7), pairs('hard', 7)]).toEqual([10, 6, 4]);
    expect(pairs('easy', 50)).toBe(12);
    expect(pairs('hard', 2)).toBe(1);
  });
});
