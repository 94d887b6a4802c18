import { begin, type Drawing, moveTo } from '../src/rules/drawing';

/** A board drawn as text: a letter is a dot of that colour. */
export function boardOf(...lines: string[]) {
  const dots = lines.flatMap((line, row) =>
    [...line].flatMap((color, col) => (color === '.' ? [] : [{ row, col, color }])),
  );
  return { rows: lines.length, cols: lines[0]?.length ?? 0, dots };
}

export type Board = ReturnType<typeof boardOf>;

/** A line that has just begun on the dot in a cell. */
export function beginAt(board: Board, row: number, col: number): Drawing {
  const drawing = begin(board, { row, col });
  if (!drawing) throw new Error('no dot there');
  return drawing;
}

/** A line that went through these cells. */
export function draw(board: Board, ...cells: [row: number, col: number][]): Drawing {
  const [first, ...rest] = cells as [[number, number], ...[number, number][]];
  return rest.reduce(
    (drawing, [row, col]) => moveTo(board, drawing, { row, col }),
    beginAt(board, ...first),
  );
}
