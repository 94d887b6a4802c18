import type { Cell } from '../api/client';
import { type Drawing, type Grid, isDone, moveTo } from './drawing';
import { dotAt, indexIn } from './places';

/** What a press on a cell would do. */
export interface Preview {
  /** The dot at which a line would begin or end. */
  dot: Cell | null;
  /** The way that the line would go, from its end on. */
  way: readonly Cell[];
  /** What would be cut off, from the last cell that stays on. */
  cut: readonly Cell[];
}

/** What a press on a cell would do to the line being drawn, or without one; null where nothing would happen. */
export function previewOf(
  board: Grid,
  line: Drawing | null,
  cell: Cell,
  isTaken: (color: string) => boolean,
): Preview | null {
  const dot = dotAt(board.dots, cell);
  if (line) {
    const { cells } = line;
    const back = indexIn(cells, cell);
    const isEnd = back === cells.length - 1;
    if (back >= 0) return isEnd ? null : { dot: null, way: [], cut: cells.slice(back) };
    const moved = moveTo(board, line, cell);
    if (moved !== line && (!dot || isDone(board, moved))) {
      const way = moved.cells.slice(cells.length - 1);
      return { dot: isDone(board, moved) ? (way.at(-1) ?? null) : null, way, cut: [] };
    }
  }
  if (!dot || isTaken(dot.color)) return null;
  return { dot, way: [], cut: line?.cells ?? [] };
}
