import type { Board, Cell, Dot } from '../api/client';
import { distance } from './path';
import { dotAt, indexIn, numberOf } from './places';

export type Grid = Pick<Board, 'rows' | 'cols' | 'dots'>;

/** A path being drawn: it keeps all rules but may still be a single cell. */
export interface Drawing {
  readonly cells: Cell[];
  /** The colour of the dot it began on. */
  readonly color: string;
}

/** Begins a drawing, which must be on a dot. */
export function begin(board: Grid, cell: Cell): Drawing | null {
  const dot = dotAt(board.dots, cell);
  return dot ? { cells: [{ row: dot.row, col: dot.col }], color: dot.color } : null;
}

/**
 * Follows the pointer to a cell. Cells that it skipped are filled in where a way without a detour is
 * free; going back over the drawing shortens it. It never crosses itself, runs through no dot of
 * another colour, and ends at its partner.
 */
export function moveTo(board: Grid, drawing: Drawing, cell: Cell): Drawing {
  if (!isInside(board, cell)) return drawing;
  const { cells, color } = drawing;
  const back = indexIn(cells, cell);
  if (back >= 0)
    return back === cells.length - 1 ? drawing : { cells: cells.slice(0, back + 1), color };
  if (isDone(board, drawing)) return drawing;
  const way = findWay(board, drawing, cell) ?? findWayPastPartner(board, drawing, cell);
  return way ? { cells: cells.concat(way), color } : drawing;
}

/** One step by an arrow key; back to the cell before shortens the drawing. */
export function step(board: Grid, drawing: Drawing, dRow: number, dCol: number): Drawing {
  const last = endOf(drawing);
  const cell = { row: last.row + dRow, col: last.col + dCol };
  const back = indexIn(drawing.cells, cell);
  const isCrossing = back >= 0 && back !== drawing.cells.length - 2;
  return isCrossing ? drawing : moveTo(board, drawing, cell);
}

/** Takes the last cell back; null when nothing is left to draw on from. */
export function undo({ cells, color }: Drawing): Drawing | null {
  return cells.length > 1 ? { cells: cells.slice(0, -1), color } : null;
}

/** Whether the drawing may run into a cell: it may not run over itself, nor into a dot of another colour. */
export function canEnter(board: Grid, { cells, color }: Drawing, cell: Cell): boolean {
  if (!isInside(board, cell) || indexIn(cells, cell) >= 0) return false;
  return (dotAt(board.dots, cell)?.color ?? color) === color;
}

/** Whether the drawing joins its two dots. As it keeps the rules, there is no other dot between its ends. */
export function isDone(board: Grid, drawing: Drawing): boolean {
  return drawing.cells.length > 1 && dotAt(board.dots, endOf(drawing))?.color === drawing.color;
}

/** The dot that the drawing is to be joined to, or is joined to. */
export function partnerOf(board: Grid, { cells, color }: Drawing): Dot | undefined {
  return board.dots.find((dot) => dot.color === color && indexIn(cells, dot) !== 0);
}

function isInside({ rows, cols }: Grid, { row, col }: Cell): boolean {
  return row >= 0 && row < rows && col >= 0 && col < cols;
}

/** The cell from which the drawing goes on. */
export function endOf({ cells }: Drawing): Cell {
  return cells[cells.length - 1] as Cell;
}

/**
 * The free cells from the end of the drawing to `target`, if one can go there without a detour.
 * Among such ways the one that keeps close to the straight line: it goes first where more is left.
 */
function findWay(board: Grid, drawing: Drawing, target: Cell): Cell[] | null {
  // No need to come to a cell once more on another way.
  const tried = new Set<number>();
  const go = (from: Cell): Cell[] | null => {
    const down = target.row - from.row;
    const right = target.col - from.col;
    if (down === 0 && right === 0) return [];
    const steps = [
      { row: from.row + Math.sign(down), col: from.col },
      { row: from.row, col: from.col + Math.sign(right) },
    ].filter((next) => distance(next, from) === 1);
    if (Math.abs(right) > Math.abs(down)) steps.reverse();
    for (const next of steps) {
      if (tried.has(numberOf(next)) || !canEnter(board, drawing, next)) continue;
      // Not through the partner either.
      if (dotAt(board.dots, next) && distance(next, target) > 0) continue;
      const rest = go(next);
      if (rest) return [next, ...rest];
      tried.add(numberOf(next));
    }
    return null;
  };
  return go(endOf(drawing));
}

/** A quick pointer may run over the partner and on: the drawing ends there. */
function findWayPastPartner(board: Grid, drawing: Drawing, target: Cell): Cell[] | null {
  const last = endOf(drawing);
  const partner = partnerOf(board, drawing);
  const isBetween =
    partner && distance(last, partner) + distance(partner, target) === distance(last, target);
  return isBetween ? findWay(board, drawing, { row: partner.row, col: partner.col }) : null;
}
