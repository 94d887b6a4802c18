import type { BoardDraft, Cell } from '../../src/api/client';
import { PALETTE } from '../../src/ui/grid/colors';
import { type Account, cells } from './account';

type Place = [row: number, col: number];

interface Puzzle {
  draft: BoardDraft;
  /** For each pair a way that joins it and crosses no other. */
  solution: Cell[][];
}

/** A puzzle from its solution: each way is given by its corners. */
function puzzle(name: string, rows: number, cols: number, ...ways: Place[][]): Puzzle {
  const dots = ways.flatMap((way, index) =>
    [way[0], way.at(-1)].map((place) => {
      const [row, col] = place as Place;
      return { row, col, color: PALETTE[index]?.color as string };
    }),
  );
  return { draft: { name, rows, cols, dots }, solution: ways.map(along) };
}

/** All cells of a way that is given by its corners. */
function along(corners: Place[]): Cell[] {
  const all = corners.slice(1).flatMap((to, index) => {
    const from = corners[index] as Place;
    const length = Math.abs(to[0] - from[0]) + Math.abs(to[1] - from[1]);
    const part = (at: number, axis: 0 | 1) => from[axis] + ((to[axis] - from[axis]) * at) / length;
    return Array.from({ length }, (_, at): Place => [part(at + 1, 0), part(at + 1, 1)]);
  });
  return cells(corners[0] as Place, ...all);
}

/** Puzzles to look at. */
export const PUZZLES = {
  garden: puzzle(
    'Garden paths',
    6,
    6,
    [
      [0, 0],
      [0, 5],
      [2, 5],
    ],
    [
      [1, 0],
      [1, 4],
      [3, 4],
    ],
    [
      [2, 0],
      [2, 3],
      [4, 3],
    ],
    [
      [3, 0],
      [3, 2],
      [5, 2],
    ],
    [
      [3, 5],
      [5, 5],
      [5, 3],
    ],
  ),
  harbour: puzzle(
    'Harbour lights',
    5,
    7,
    [
      [0, 0],
      [4, 0],
      [4, 3],
    ],
    [
      [0, 6],
      [4, 6],
      [4, 4],
    ],
    [
      [0, 1],
      [3, 1],
      [3, 5],
    ],
    [
      [0, 2],
      [0, 5],
      [2, 5],
    ],
  ),
  knot: puzzle(
    'Granny knot',
    4,
    4,
    [
      [0, 0],
      [0, 3],
      [3, 3],
    ],
    [
      [1, 0],
      [3, 0],
      [3, 2],
    ],
  ),
  metro: puzzle(
    'Night metro',
    8,
    8,
    [
      [0, 0],
      [0, 7],
      [4, 7],
    ],
    [
      [1, 0],
      [1, 6],
      [5, 6],
    ],
    [
      [7, 0],
      [2, 0],
      [2, 3],
    ],
    [
      [7, 1],
      [7, 7],
      [6, 7],
    ],
    [
      [3, 2],
      [6, 2],
      [6, 5],
    ],
    [
      [3, 5],
      [3, 3],
      [5, 3],
    ],
  ),
  duet: puzzle(
    'Duet',
    3,
    3,
    [
      [0, 0],
      [0, 2],
    ],
    [
      [2, 0],
      [2, 2],
    ],
  ),
  staircase: puzzle(
    'Staircase',
    5,
    5,
    [
      [0, 0],
      [1, 0],
      [1, 1],
      [2, 1],
      [2, 2],
      [3, 2],
      [3, 3],
      [4, 3],
      [4, 4],
    ],
    [
      [0, 1],
      [0, 4],
      [3, 4],
    ],
    [
      [2, 0],
      [4, 0],
      [4, 2],
    ],
  ),
} satisfies Record<string, Puzzle>;

/** The boards' ids. */
export type Exhibits = Record<keyof typeof PUZZLES, number>;

/** Makes all puzzles; the last is the newest. */
export async function exhibit(account: Account): Promise<Exhibits> {
  const ids: Partial<Exhibits> = {};
  for (const [key, { draft }] of Object.entries(PUZZLES)) {
    ids[key as keyof Exhibits] = (await account.makeBoard(draft)).id;
  }
  return ids as Exhibits;
}
