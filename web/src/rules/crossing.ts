import type { Cell } from '../api/client';
import { numberOf } from './places';

/** Cells that lines run through, by `numberOf`, each with the colours of the lines. */
export type Occupied = ReadonlyMap<number, readonly string[]>;

interface Colored {
  cells: readonly Cell[];
  color: string | null;
}

/** What lines run through; those without a colour join nothing, and do not count. */
export function occupiedBy(lines: readonly Colored[]): Occupied {
  const occupied = new Map<number, string[]>();
  for (const { cells, color } of lines) {
    if (color === null) continue;
    for (const cell of cells) {
      const colors = occupied.get(numberOf(cell));
      if (!colors) occupied.set(numberOf(cell), [color]);
      else if (!colors.includes(color)) colors.push(color);
    }
  }
  return occupied;
}

/** The colours of the lines that a line of this colour would cross in a cell. */
export function crossedAt(occupied: Occupied, cell: Cell, color: string): readonly string[] {
  const colors = occupied.get(numberOf(cell));
  return colors ? colors.filter((it) => it !== color) : [];
}
