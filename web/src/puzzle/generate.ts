import type { Dot } from '../api/client';
import { Grid } from './grid';

/** How long the lines of a board are: long ones get into each other's way. */
export type Difficulty = 'easy' | 'medium' | 'hard';

/** How many cells a line has on average, as far as there are colours. */
const CELLS_PER_LINE: Record<Difficulty, number> = { easy: 5, medium: 8, hard: 12 };
/** Boards that are made, of which the best is taken. */
const TRIES = 20;
/** Changes for each cell until one no longer sees where the line through all cells began. */
const MIXING = 10;

/** Between 0 and 1, without 1. */
type Random = () => number;

/**
 * The dots of a board that can be solved: a line through all cells is cut, and each piece has a colour. At least one
 * pair, at most as many as there are colours.
 */
export function generate(
  rows: number,
  cols: number,
  difficulty: Difficulty,
  colors: readonly string[],
  random: Random = Math.random,
): Dot[] {
  const grid = new Grid(rows, cols);
  const wanted = Math.round(grid.size / CELLS_PER_LINE[difficulty]);
  const lines = Math.max(1, Math.min(colors.length, wanted));
  const line = windThrough(grid, random);
  let best: number[][] = [];
  for (let tries = 0; tries < TRIES; tries += 1) {
    const pieces = cut(line, lines, random);
    if (tries === 0 || worth(grid, pieces) > worth(grid, best)) best = pieces;
  }
  return best.flatMap((piece, index) =>
    [piece[0], piece.at(-1)].map((cell) => ({
      ...grid.placeOf(cell as number),
      color: colors[index] as string,
    })),
  );
}

/**
 * A random line through all cells. It begins as rows to and fro; then an end is joined to a cell beside it, again and
 * again, and the line opened where that makes a ring ("backbite": Oberdorf et al., Phys. Rev. E 74, 051801).
 */
function windThrough(grid: Grid, random: Random): number[] {
  const line: number[] = [];
  for (let row = 0; row < grid.rows; row += 1) {
    const cells = Array.from({ length: grid.cols }, (_, col) => grid.cellAt({ row, col }));
    line.push(...(row % 2 === 0 ? cells : cells.reverse()));
  }
  const at = new Int32Array(grid.size);
  const place = (from: number, to: number) => {
    for (let index = from; index <= to; index += 1) at[line[index] as number] = index;
  };
  const turn = (from: number, to: number) => {
    for (let [a, b] = [from, to]; a < b; a += 1, b -= 1) {
      [line[a], line[b]] = [line[b] as number, line[a] as number];
    }
    place(from, to);
  };
  const last = grid.size - 1;
  place(0, last);
  for (let step = 0; step < MIXING * grid.size; step += 1) {
    const isTail = random() < 0.5;
    const around = grid.neighbours[line[isTail ? last : 0] as number] as readonly number[];
    const to = at[around[Math.floor(random() * around.length)] as number] as number;
    if (isTail) turn(to + 1, last);
    else turn(0, to - 1);
  }
  return line;
}

/** Cuts a line into so many pieces of about the same length, at least two cells each. */
function cut(line: readonly number[], pieces: number, random: Random): number[][] {
  const cuts: number[][] = [];
  let start = 0;
  for (let left = pieces; left > 0; left -= 1) {
    const rest = line.length - start;
    const share = rest / left;
    const length =
      left === 1
        ? rest
        : Math.max(2, Math.min(rest - 2 * (left - 1), Math.round(share * (0.6 + 0.8 * random()))));
    cuts.push(line.slice(start, start + length));
    start += length;
  }
  return cuts;
}

/** How much there is to find: lines whose ends lie beside each other are none. */
function worth(grid: Grid, pieces: readonly number[][]): number {
  return pieces.filter((piece) => {
    const [first, last] = [piece[0] as number, piece.at(-1) as number];
    return !grid.neighbours[first]?.includes(last);
  }).length;
}
