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
  /** The names of the cells of each row, one a line. Only rows that the drawing runs through are put together anew. */
  ofRows(drawing: Drawing | null): string[];
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
  const rows = Array.from({ length: board.rows }, (_, row) =>
    Array.from({ length: board.cols }, (_, col) => {
      const cell = { row, col };
      const dot = dots.get(cellKey(cell));
      const name = dot
        ? `${inWords(cell)}, ${ofColor(dot)} dot${joined.has(dot) ? ', joined' : ''}`
        : inWords(cell);
      const path = dot ? undefined : onPath.get(cellKey(cell));
      return { name, full: path ? `${name}, ${path}` : name };
    }),
  );
  const plain = rows.map((cells) => cells.map((it) => it.full).join('\n'));
  return {
    letters,
    joined,
    ofColor,
    ofRows(drawing) {
      const names = [...plain];
      const touched = new Map<number, string[]>();
      drawing?.cells.forEach(({ row, col }, index) => {
        const cells = rows[row] ?? [];
        const own = touched.get(row) ?? cells.map((it) => it.full);
        const isEnd = index === drawing.cells.length - 1;
        own[col] = `${cells[col]?.name}, ${isEnd ? 'end of' : 'on'} your line`;
        touched.set(row, own);
      });
      for (const [row, own] of touched) names[row] = own.join('\n');
      return names;
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
