import type { Board, Cell } from '../../api/client';
import { t } from '../../language/texts';
import { crossedAt, occupiedBy } from '../../rules/crossing';
import type { Drawing } from '../../rules/drawing';
import { joinedColors } from '../../rules/path';
import { commonLength, dotAt, indexIn, numberOf } from '../../rules/places';
import { colorName, lettersOf, marksOf } from '../../ui/grid/colors';
import { inWords } from '../../ui/grid/geometry';

/** What is to be said about a board and one's paths on it. */
export interface Names {
  /** A letter for each colour, in the order in which they appear. */
  letters: ReadonlyMap<string, string>;
  /** Those letters that are shown (`marksOf`). */
  marks: ReadonlyMap<string, string>;
  joined: ReadonlySet<string>;
  /** `red`, or `red A` where the letter is shown. */
  ofColor(color: string): string;
  /** The cells in which a drawing shares its way with lines of other colours. */
  crossings(drawing: Drawing): Cell[];
  /** The names of the cells of each row, one a line. Only rows that the drawing runs through are put together anew. */
  ofRows(drawing: Drawing | null): string[];
}

/** The colour of the dot at which a path begins, or ends. */
export function colorOf(board: Board, cells: readonly Cell[]): string | null {
  const [first, last] = [cells[0], cells.at(-1)].map((it) => it && dotAt(board.dots, it));
  return (first ?? last)?.color ?? null;
}

interface Drawn {
  readonly cells: readonly Cell[];
  readonly connects?: string | null;
}

/** A finished line as it was drawn. */
export function toDrawing(board: Board, { cells, connects }: Drawn): Drawing {
  return { cells: [...cells], color: connects ?? colorOf(board, cells) ?? '' };
}

/** What is said in the language shown; `withLetters` also where the names of colours do. */
export function namesOf(board: Board, paths: readonly Drawn[], withLetters = false): Names {
  const texts = t().grid;
  const letters = lettersOf(board.dots);
  const marks = marksOf(board.dots, withLetters);
  const joined = joinedColors(board.dots, paths);
  const ofColor = (color: string) => `${colorName(color)} ${marks.get(color) ?? ''}`.trim();
  const lines = paths.map(({ cells }) => ({ cells, color: colorOf(board, cells) }));
  const occupied = occupiedBy(lines);
  const onPath = new Map<number, string>();
  for (const { cells, color } of lines) {
    const text = color ? texts.path(ofColor(color)) : texts.pathWithoutColor;
    for (const cell of cells) onPath.set(numberOf(cell), text);
  }
  const rows = Array.from({ length: board.rows }, (_, row) =>
    Array.from({ length: board.cols }, (_, col) => {
      const cell = { row, col };
      const dot = dotAt(board.dots, cell)?.color;
      const ofDot = dot && (joined.has(dot) ? texts.joinedDot : texts.dot)(ofColor(dot));
      const name = ofDot ? `${inWords(cell)}, ${ofDot}` : inWords(cell);
      const path = dot ? undefined : onPath.get(numberOf(cell));
      return { name, full: path ? `${name}, ${path}` : name };
    }),
  );
  const plain = rows.map((cells) => cells.map((it) => it.full).join('\n'));

  const crossed = (cell: Cell, color: string) => crossedAt(occupied, cell, color);
  const ofRow = (row: number, { cells, color }: Drawing) =>
    rows[row]
      ?.map(({ name, full }, col) => {
        const index = indexIn(cells, { row, col });
        if (index < 0) return full;
        const place = index === cells.length - 1 ? texts.endOfLine : texts.onLine;
        const others = crossed({ row, col }, color).map(ofColor);
        return `${name}, ${place}${others.length > 0 ? `, ${texts.crosses(others)}` : ''}`;
      })
      .join('\n') ?? '';

  // What was said last, because a line mostly changes at its end.
  let last: { cells: readonly Cell[]; said: string[] } = { cells: [], said: plain };
  return {
    letters,
    marks,
    joined,
    ofColor,
    crossings: ({ cells, color }) => cells.filter((cell) => crossed(cell, color).length > 0),
    ofRows(drawing) {
      if (!drawing) return plain;
      const { cells } = drawing;
      // The cell before the first that differs is, or was, an end.
      const from = Math.max(0, commonLength(last.cells, cells) - 1);
      const changed = new Set(
        [...last.cells.slice(from), ...cells.slice(from)].map((it) => it.row),
      );
      const said = [...last.said];
      for (const row of changed) said[row] = ofRow(row, drawing);
      last = { cells, said };
      return said;
    },
  };
}
