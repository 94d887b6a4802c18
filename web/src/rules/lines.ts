import type { Board, Cell, Dot } from '../api/client';
import { cellKey } from './board';
import { begin, moveTo } from './drawing';

interface Drawn {
  readonly cells: readonly Cell[];
  readonly color: string;
}

/** Whether a line can still be drawn on a board that has changed. */
export function stillFits(
  board: Pick<Board, 'rows' | 'cols' | 'dots'>,
  { cells, color }: Drawn,
): boolean {
  const [first, ...rest] = cells;
  let again = first ? begin(board, first) : null;
  for (const cell of rest) again &&= moveTo(board, again, cell);
  return again?.color === color && again.cells.length === cells.length;
}

/** Whether two lines go through the same cells in the same order. */
export function isSameWay(a: readonly Cell[], b: readonly Cell[]): boolean {
  return (
    a.length === b.length && a.every((it, at) => it.row === b[at]?.row && it.col === b[at]?.col)
  );
}

/** The pairs of colours whose lines share a cell, each once, in the order of the dots. */
export function crossings(
  dots: readonly Dot[],
  lines: readonly { readonly connects?: string | null; readonly cells: readonly Cell[] }[],
): [string, string][] {
  const through = new Map<string, Set<string>>();
  const found = new Set<string>();
  for (const { cells, connects } of lines) {
    if (!connects) continue;
    for (const cell of cells) {
      const key = cellKey(cell);
      const others = through.get(key) ?? new Set();
      for (const other of others) found.add(`${other} ${connects}`);
      through.set(key, others.add(connects));
    }
  }
  const colors = [...new Set(dots.map((it) => it.color))];
  const cross = (a: string, b: string) => found.has(`${a} ${b}`) || found.has(`${b} ${a}`);
  return colors.flatMap((a, index) =>
    colors.slice(index + 1).flatMap((b): [string, string][] => (cross(a, b) ? [[a, b]] : [])),
  );
}
