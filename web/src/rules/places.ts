import type { Cell, Dot } from '../api/client';
import { SIDE } from './board';

/** How many cells the largest grid has. */
const CELLS = SIDE.max * SIDE.max;

/** A cell as a number, from 0 to below 2,500: only for cells within the largest grid. */
export function numberOf({ row, col }: Cell): number {
  return row * SIDE.max + col;
}

/** The cell that has a number. */
export function cellOf(number: number): Cell {
  return { row: Math.floor(number / SIDE.max), col: number % SIDE.max };
}

// What is looked up for each cell that a pointer enters is kept as long as the array that it was made from. Such arrays
// are never changed: a drawing or board that differs has new ones.
const indices = new WeakMap<readonly Cell[], Int16Array>();

/** At which index a list of cells has this cell, or -1; the first one if it has several. */
export function indexIn(cells: readonly Cell[], cell: Cell): number {
  let known = indices.get(cells);
  if (!known) {
    known = new Int16Array(CELLS).fill(-1);
    for (let index = cells.length - 1; index >= 0; index -= 1)
      known[numberOf(cells[index] as Cell)] = index;
    indices.set(cells, known);
  }
  const index = known[numberOf(cell)] ?? -1;
  // A cell beside the grid has the number of another one, or none.
  const found = cells[index];
  return found?.row === cell.row && found.col === cell.col ? index : -1;
}

/** The dot in a cell. */
export function dotAt(dots: readonly Dot[], cell: Cell): Dot | undefined {
  return dots[indexIn(dots, cell)];
}

/** How many cells two lists have in common from their beginning: the very same, as moves keep those that stay. */
export function commonLength(a: readonly Cell[], b: readonly Cell[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}
