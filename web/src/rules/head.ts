import type { Cell } from '../api/client';
import { canEnter, type Drawing, endOf, type Grid, isDone } from './drawing';
import { distance } from './path';

/** A place in a grid whose cells are squares of side 1. */
export interface Point {
  x: number;
  y: number;
}

/** Half a cell: so far does the head go from the middle of a cell before it is in the next one. */
const REACH = 0.5;

/**
 * The end of a drawing from the cell before its last one on, up to its head, which is in parts of a cell. While a pointer
 * drags it, the head is between the middle of the last cell and the edge of the cell that the pointer makes for, or on
 * the way back. So it stays where it is when a cell is entered or left. A drawing that is joined holds on to its dot.
 */
export function tailOf(board: Grid, drawing: Drawing, { x, y }: Point): Cell[] {
  const tail = drawing.cells.slice(-2);
  const last = endOf(drawing);
  if (isDone(board, drawing)) return tail;
  const before = drawing.cells.at(-2);
  const may = (row: number, col: number) =>
    canEnter(board, drawing, { row, col }) || (before?.row === row && before.col === col);
  const [right, down] = [x - last.col - REACH, y - last.row - REACH];
  const across = may(last.row, last.col + Math.sign(right)) ? right : 0;
  const along = may(last.row + Math.sign(down), last.col) ? down : 0;
  const isAcross = Math.abs(across) >= Math.abs(along);
  const by = isAcross ? reach(across, along) : reach(along, across);
  if (by === 0) return tail;
  const head = {
    row: last.row + (isAcross ? 0 : by),
    col: last.col + (isAcross ? by : 0),
  };
  // Towards the cell before, the line becomes shorter instead.
  const isBack = before && distance(before, head) < 1;
  return isBack ? [before, head] : [...tail, head];
}

/**
 * How far the head goes in the direction that the pointer is farther off in. It is nothing where both are the same, so
 * that the head does not jump from one to the other, and grows until it is half a cell.
 */
function reach(far: number, near: number): number {
  const aside = Math.abs(near);
  if (Math.abs(far) >= REACH || aside >= REACH) return Math.sign(far) * REACH;
  return (Math.sign(far) * REACH * (Math.abs(far) - aside)) / (REACH - aside);
}
