import { useComputed } from '@preact/signals';
import type { Board, Cell, Path } from '../../api/client';
import { type Drawing, isDone } from '../../rules/drawing';
import { isSameWay, stillFits } from '../../rules/lines';
import { connects } from '../../rules/path';
import { deletePathsSoon, openBoard } from '../../state/board';
import { hiddenPaths, spare } from '../../state/deletions';
import { type Line, linesOn, putLines } from '../../state/lines';
import { onTheirWay, sendLines, unwanted, wantAgain, withdraw } from '../../state/sending';

/** A line that is finished: a saved path, or one that waits to be. */
export interface Finished {
  readonly cells: readonly Cell[];
  readonly connects: string | null;
  readonly path: Path | null;
  readonly line: Line | null;
}

/** One's finished lines on the open board, and how they come and go. */
export function useLines(board: Board) {
  const { id } = board;
  const waiting = useComputed(() => linesOn(id).filter((it) => !unwanted.value.has(it.key)));
  const all = useComputed((): readonly Finished[] => {
    const now = openBoard.value;
    if (now.state !== 'ready' || now.board.id !== id) return [];
    const paths = now.paths.filter((it) => !hiddenPaths.value.has(it.id));
    // The stream may tell of a path before its own answer does.
    const isThere = (line: Line) =>
      onTheirWay.value.has(line.key) && paths.some((it) => isSameWay(it.cells, line.cells));
    return [
      ...paths.map((path) => ({
        cells: path.cells,
        connects: path.connects ?? null,
        path,
        line: null,
      })),
      ...waiting.value
        .filter((line) => !isThere(line))
        .map((line) => ({
          cells: line.cells,
          connects: connects(now.board.dots, line.cells),
          path: null,
          line,
        })),
    ];
  });

  const find = (cells: readonly Cell[]) =>
    all.peek().findLast((it) => isSameWay(it.cells, cells)) ?? null;

  /** A pair is joined once: also by a line that is not saved yet. */
  const isJoined = (color: string) => all.peek().some((it) => it.connects === color);

  /** Whether a line is back that was about to be deleted. */
  const comesBack = ({ cells }: Drawing): boolean => {
    if (wantAgain(id, cells)) return true;
    const now = openBoard.peek();
    const paths = now.state === 'ready' ? now.paths : [];
    const path = paths.find((it) => hiddenPaths.peek().has(it.id) && isSameWay(it.cells, cells));
    return path !== undefined && spare('path', path.id);
  };

  return {
    waiting,
    all,
    isJoined,

    /**
     * Adds finished lines, which are saved as soon as somebody is signed in. Tells of how many that made no sense, and
     * whether lines on other boards made room; null if the browser has none.
     */
    add(drawn: readonly Drawing[]): { lost: number; madeRoom: boolean } | null {
      const missing = drawn.filter((it) => !find(it.cells) && !comesBack(it));
      const isOpen = (it: Drawing) => !(isDone(board, it) && isJoined(it.color));
      const news = missing.filter((it) => stillFits(board, it) && isOpen(it));
      const lost = missing.length - news.length;
      if (news.length === 0) return { lost, madeRoom: false };
      const put = putLines(id, news);
      if (put) sendLines([id]);
      return put && { lost, ...put };
    },

    /** Takes finished lines away; deleting those that are saved can be taken back. */
    remove(drawn: readonly Pick<Finished, 'cells'>[]): void {
      const found = drawn.map((it) => find(it.cells)).filter((it) => it !== null);
      const lines = found.flatMap(({ line }) => line ?? []);
      if (lines.length > 0) withdraw(id, lines);
      deletePathsSoon(
        board,
        found.flatMap(({ path }) => path?.id ?? []),
      );
    },
  };
}

export type UseLines = ReturnType<typeof useLines>;
