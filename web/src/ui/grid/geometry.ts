import type { Cell } from '../../api/client';
import { t } from '../../language/texts';

/** Where a rectangle lies on the screen; a `DOMRect` is one. */
interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Where a pointer is in a grid whose cells are squares of side 1; it may be beside it while it draws. */
export interface Pointed {
  x: number;
  y: number;
  /** Whether it draws; otherwise it hovers. */
  draws: boolean;
}

/** A point of the screen in units of cells. */
export function pointAt(box: Box, rows: number, cols: number, x: number, y: number) {
  return { x: ((x - box.left) / box.width) * cols, y: ((y - box.top) / box.height) * rows };
}

/** The cell under a point of the screen, or the nearest one to a point beside the grid. */
export function cellAt(box: Box, rows: number, cols: number, x: number, y: number): Cell {
  const at = pointAt(box, rows, cols, x, y);
  return clamp({ row: Math.floor(at.y), col: Math.floor(at.x) }, rows, cols);
}

/** The nearest cell of the grid. */
export function clamp(cell: Cell, rows: number, cols: number): Cell {
  const within = (at: number, count: number) => Math.max(0, Math.min(count - 1, at));
  return { row: within(cell.row, rows), col: within(cell.col, cols) };
}

/** Where a key takes the focus within a grid; null for a key that does not move it. */
export function moved(
  key: string,
  ctrl: boolean,
  from: Cell,
  rows: number,
  cols: number,
): Cell | null {
  const { row, col } = from;
  switch (key) {
    case 'Home':
      return { row: ctrl ? 0 : row, col: 0 };
    case 'End':
      return { row: ctrl ? rows - 1 : row, col: cols - 1 };
    case 'PageUp':
      return { row: 0, col };
    case 'PageDown':
      return { row: rows - 1, col };
  }
  const by = arrow(key);
  return by && clamp({ row: row + by.dRow, col: col + by.dCol }, rows, cols);
}

/** The direction of an arrow key. */
export function arrow(key: string): { dRow: number; dCol: number } | null {
  switch (key) {
    case 'ArrowUp':
      return { dRow: -1, dCol: 0 };
    case 'ArrowDown':
      return { dRow: 1, dCol: 0 };
    case 'ArrowLeft':
      return { dRow: 0, dCol: -1 };
    case 'ArrowRight':
      return { dRow: 0, dCol: 1 };
    default:
      return null;
  }
}

/** The inner lines of a grid whose cells are squares of side 1, as SVG path data. */
export function gridLines(rows: number, cols: number): string {
  let data = '';
  for (let row = 1; row < rows; row += 1) data += `M0 ${row}H${cols}`;
  for (let col = 1; col < cols; col += 1) data += `M${col} 0V${rows}`;
  return data;
}

/**
 * A line through the middles of cells, as SVG path data, with a command for each straight part. A single cell gives a
 * point. Parts of a cell are welcome: that is where the end of a line is that follows a pointer.
 */
export function lineThrough(cells: readonly Cell[]): string {
  const [first] = cells;
  if (!first) return '';
  let data = `M${first.col + 0.5} ${first.row + 0.5}`;
  // A line without length is painted only where it says that it ends where it began.
  if (cells.length === 1) return `${data}h0`;
  let before = first;
  for (let index = 1; index < cells.length; index += 1) {
    const cell = cells[index] as Cell;
    const after = cells[index + 1];
    const isAcross = cell.row === before.row;
    // One that goes on in the same direction is passed over.
    const goesOn = after && (isAcross ? after.row === cell.row : after.col === cell.col);
    if (!goesOn) data += isAcross ? `H${cell.col + 0.5}` : `V${cell.row + 0.5}`;
    before = cell;
  }
  return data;
}

/** What a cell is called in the language shown. */
export const inWords = (cell: Cell) => t().grid.cell(cell.row + 1, cell.col + 1);

/** The size of a grid for the style sheet, which makes room for it. */
export const sizeStyle = (rows: number, cols: number) => ({
  '--rows': String(rows),
  '--cols': String(cols),
});
