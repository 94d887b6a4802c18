import type { Board, Cell } from '../api/client';
import { cellKey } from './board';
import { connects, distance } from './path';

type Grid = Pick<Board, 'rows' | 'cols' | 'dots'>;

/** A path being drawn: it keeps all rules but may still be a single cell. */
export interface Drawing {
  readonly cells: Cell[];
  /** The colour of the dot it began on. */
  readonly color: string;
}

/** Begins a drawing, which must be on a dot. */
export function begin(board: Grid, cell: Cell): Drawing | null {
  const dot = dotAt(board, cell);
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
  const back = indexOf(cells, cell);
  if (back >= 0)
    return back === cells.length - 1 ? drawing : { cells: cells.slice(0, back + 1), color };
  if (isDone(board, drawing)) return drawing;
  const way = findWay(board, drawing, cell) ?? findWayPastPartner(board, drawing, cell);
  return way ? { cells: [...cells, ...way], color } : drawing;
}

/** One step by an arrow key; back to the cell before shortens the drawing. */
export function step(board: Grid, drawing: Drawing, dRow: number, dCol: number): Drawing {
  const last = endOf(drawing);
  const cell = { row: last.row + dRow, col: last.col + dCol };
  const back = indexOf(drawing.cells, cell);
  const isCrossing = back >= 0 && back !== drawing.cells.length - 2;
  return isCrossing ? drawing : moveTo(board, drawing, cell);
}

/** Takes the last cell back; null when nothing is left to draw on from. */
export function undo({ cells, color }: Drawing): Drawing | null {
  return cells.length > 1 ? { cells: cells.slice(0, -1), color } : null;
}

/** Whether the drawing joins its two dots. */
export function isDone(board: Grid, drawing: Drawing): boolean {
  return connects(board.dots, drawing.cells) !== null;
}

function dotAt(board: Grid, cell: Cell) {
  return board.dots.find((dot) => distance(dot, cell) === 0);
}

function isInside({ rows, cols }: Grid, { row, col }: Cell): boolean {
  return row >= 0 && row < rows && col >= 0 && col < cols;
}

function indexOf(cells: Cell[], cell: Cell): number {
  return cells.findIndex((it) => distance(it, cell) === 0);
}

function endOf({ cells }: Drawing): Cell {
  return cells[cells.length - 1] as Cell;
}

/**
 * The free cells from the end of the drawing to `target`, if one can go there without a detour.
 * Among such ways the one that keeps close to the straight line: it goes first where more is left.
 */
function findWay(board: Grid, drawing: Drawing, target: Cell): Cell[] | null {
  const dot = dotAt(board, target);
  if (dot && dot.color !== drawing.color) return null;
  const blocked = new Set([...drawing.cells, ...board.dots].map(cellKey));
  blocked.delete(cellKey(target));
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
      if (blocked.has(cellKey(next))) continue;
      const rest = go(next);
      if (rest) return [next, ...rest];
      // No need to come here once more on another way.
      blocked.add(cellKey(next));
    }
    return null;
  };
  return go(endOf(drawing));
}

/** A quick pointer may run over the partner and on: the drawing ends there. */
function findWayPastPartner(board: Grid, drawing: Drawing, target: Cell): Cell[] | null {
  const last = endOf(drawing);
  const partner = board.dots.find(
    (dot) => dot.color === drawing.color && indexOf(drawing.cells, dot) < 0,
  );
  const isBetween =
    partner && distance(last, partner) + distance(partner, target) === distance(last, target);
  return isBetween ? findWay(board, drawing, { row: partner.row, col: partner.col }) : null;
}
