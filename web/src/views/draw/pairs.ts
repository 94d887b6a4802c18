import type { Board, Cell, Path } from '../../api/client';
import { cellKey } from '../../rules/board';
import { begin, type Drawing, moveTo } from '../../rules/drawing';
import { joinedColors } from '../../rules/path';
import { colorName, lettersOf } from '../../ui/grid/colors';
import { inWords } from '../../ui/grid/geometry';

/** What is to be said about a board and one's paths on it. */
export interface Names {
  letters: ReadonlyMap<string, string>;
  joined: ReadonlySet<string>;
  /** `red A`: the letter tells pairs apart whose colours have one name. */
  ofColor(color: string): string;
  ofCell(cell: Cell, drawing: Drawing | null): string;
}

/** The colour of the dot at which a path begins, or ends. */
export function colorOf(board: Board, cells: readonly Cell[]): string | null {
  const ends = [cells[0], cells.at(-1)].map((it) => it && cellKey(it));
  return board.dots.find((dot) => ends.includes(cellKey(dot)))?.color ?? null;
}

export function namesOf(board: Board, paths: readonly Pick<Path, 'cells' | 'connects'>[]): Names {
  const letters = lettersOf(board.dots);
  const joined = joinedColors(board.dots, [...paths]);
  const dots = new Map(board.dots.map((dot) => [cellKey(dot), dot.color]));
  const ofColor = (color: string) => `${colorName(color)} ${letters.get(color) ?? ''}`.trim();
  const onPath = new Map<string, string>();
  for (const { cells } of paths) {
    const color = colorOf(board, cells);
    for (const cell of cells) onPath.set(cellKey(cell), color ? `${ofColor(color)} path` : 'path');
  }
  return {
    letters,
    joined,
    ofColor,
    ofCell(cell, drawing) {
      const key = cellKey(cell);
      const dot = dots.get(key);
      const at = drawing?.cells.findIndex((it) => cellKey(it) === key) ?? -1;
      return [
        inWords(cell),
        dot && `${ofColor(dot)} dot`,
        dot && joined.has(dot) && 'joined',
        at >= 0 && (at === (drawing?.cells.length ?? 0) - 1 ? 'end of your line' : 'on your line'),
        !dot && at < 0 && onPath.get(key),
      ]
        .filter(Boolean)
        .join(', ');
    },
  };
}

/** Whether a drawing can still be made on a board that has changed. */
export function stillFits(board: Board, drawing: Drawing): boolean {
  const [first, ...rest] = drawing.cells;
  let again = first ? begin(board, first) : null;
  for (const cell of rest) again &&= moveTo(board, again, cell);
  return again?.color === drawing.color && again.cells.length === drawing.cells.length;
}
