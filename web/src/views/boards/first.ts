import type { Board } from '../../api/client';

/** Small enough for a beginner, in cells. */
const SMALL = 64;

/**
 * A board to begin with: a small one that one has not solved, and if there is any, one that others have solved, so
 * that it can be.
 */
export function firstBoard(boards: readonly Board[]): Board | null {
  const rank = (board: Board) => [
    board.solved_count > 0 ? 0 : 1,
    board.rows * board.cols,
    board.dots.length,
  ];
  const [best = null] = boards
    .filter((it) => !it.solved && it.dots.length > 2 && it.rows * it.cols <= SMALL)
    .map((board) => ({ board, rank: rank(board) }))
    .sort((a, b) => compare(a.rank, b.rank));
  return best?.board ?? null;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((it, at) => it !== b[at]);
  return index < 0 ? 0 : (a[index] as number) - (b[index] as number);
}
