import type { Board, Cell, Dot } from '../api/client';
import { occupiedBy } from './crossing';
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
  const joined = lines.filter((it) => it.connects);
  const occupied = occupiedBy(
    joined.map(({ cells, connects = null }) => ({ cells, color: connects })),
  );
  const shared = [...occupied.values()].filter((it) => it.length > 1);
  const found = new Set(
    shared.flatMap((some) => some.flatMap((a) => some.map((b) => `${a} ${b}`))),
  );
  const colors = [...new Set(dots.map((it) => it.color))];
  return colors.flatMap((a, index) =>
    colors
      .slice(index + 1)
      .flatMap((b): [string, string][] => (found.has(`${a} ${b}`) ? [[a, b]] : [])),
  );
}
