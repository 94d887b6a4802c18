import type { Board, Cell } from '../../api/client';
import { t } from '../../language/texts';
import { cellKey } from '../../rules/board';
import type { Drawing } from '../../rules/drawing';
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

interface Drawn {
  readonly cells: readonly Cell[];
  readonly connects?: string | null;
}

/** A finished line as it was drawn. */
export function toDrawing(board: Board, { cells, connects }: Drawn): Drawing {
  return { cells: [...cells], color: connects ?? colorOf(board, cells) ?? '' };
}

export function namesOf(board: Board, paths: readonly Drawn[]): Names {
  const texts = t().draw.cell;
  const letters = lettersOf(board.dots);
  const joined = joinedColors(board.dots, paths);
  const dots = new Map(board.dots.map((dot) => [cellKey(dot), dot.color]));
  const ofColor = (color: string) => `${colorName(color)} ${letters.get(color) ?? ''}`.trim();
  const onPath = new Map<string, string>();
  for (const { cells } of paths) {
    const color = colorOf(board, cells);
    for (const cell of cells)
      onPath.set(cellKey(cell), color ? texts.pathOf(ofColor(color)) : texts.path);
  }
  const rows = Array.from({ length: board.rows }, (_, row) =>
    Array.from({ length: board.cols }, (_, col) => {
      const cell = { row, col };
      const dot = dots.get(cellKey(cell));
      const name = dot
        ? `${inWords(cell)}, ${(joined.has(dot) ? texts.joinedDot : texts.dot)(ofColor(dot))}`
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
        own[col] = `${cells[col]?.name}, ${isEnd ? texts.end : texts.onLine}`;
        touched.set(row, own);
      });
      for (const [row, own] of touched) names[row] = own.join('\n');
      return names;
    },
  };
}
