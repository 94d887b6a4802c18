import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Board, Cell } from '../../api/client';
import { t } from '../../language/texts';
import { begin, type Drawing, isDone, moveTo, step as stepTo } from '../../rules/drawing';
import { stillFits } from '../../rules/lines';
import { distance, progress } from '../../rules/path';
import { dotAt, indexIn } from '../../rules/places';
import { dropLines } from '../../state/lines';
import { onOutcome, onTheirWay, sendLines } from '../../state/sending';
import { user } from '../../state/session';
import { solvedJustNow } from '../../state/solved';
import { did, NO_HISTORY, redo, type Step, type Turn, undo } from './history';
import { type Names, toDrawing } from './pairs';
import { sessionOn } from './session';
import type { Finished, UseLines } from './useLines';

const NONE: readonly Drawing[] = [];
const NOTHING: readonly Cell[] = [];

/** A line being drawn on a board, and what can be done with it and with the finished ones. */
export function useDrawing(board: Board, names: Names, lines: UseLines) {
  const session = sessionOn(board.id);
  const { drawing, history } = session;
  /** What was said last, in the language that is shown. */
  const says = useSignal<(() => string) | null>(null);
  /** Whether the present press draws. */
  const draws = useRef(false);
  /** What was there before the present press. */
  const before = useRef<Drawing | null>(null);

  const say = (text: (() => string) | null) => {
    says.value = text;
  };

  // Apart, because what is on its way looks different.
  const waiting = useComputed(() =>
    lines.waiting.value.filter((it) => !onTheirWay.value.has(it.key)).map(drawn),
  );
  const saving = useComputed(() =>
    lines.waiting.value.filter((it) => onTheirWay.value.has(it.key)).map(drawn),
  );

  useEffect(() => {
    const { version } = session;
    if (version === board.version) return;
    session.version = board.version;
    const misfits = lines.waiting.peek().filter((it) => !stillFits(board, it));
    const keys = misfits.map((it) => it.key);
    if (keys.length > 0) dropLines(board.id, keys);
    const line = drawing.peek();
    const isLost = line !== null && !stillFits(board, line);
    if (isLost) drawing.value = null;
    const lost = keys.length + (isLost ? 1 : 0);
    if (version > 0) {
      // What was undone might not fit, either.
      history.value = NO_HISTORY;
      say(() => t().draw.changed(board.creator_username, lost));
    } else if (lost > 0) say(() => t().draw.dropped(lost));
  }, [board]);

  useEffect(
    () =>
      onOutcome(board.id, ({ line, path }) => {
        if (path) tell(path.connects ?? null);
        else say(() => t().draw.joinedAlready(names.ofColor(line.color)));
      }),
    [board, names],
  );

  // What could not be said elsewhere is said now; what has failed before may work.
  const who = user.value?.username;
  useEffect(() => {
    if (who !== undefined) sendLines([board.id]);
  }, [who, board.id]);

  /** Does something new. */
  const act = (step: Partial<Step> & Pick<Step, 'after'>) => {
    const whole = { before: drawing.peek(), added: NONE, removed: NONE, ...step };
    drawing.value = whole.after;
    history.value = did(history.peek(), whole);
  };

  /** Goes one step through the history. */
  const turn = (found: Turn | null, text: () => string) => {
    // Not in the middle of a drag.
    if (!found || draws.current) return;
    const { step } = found;
    lines.remove(step.removed);
    const added = lines.add(step.added);
    if (!added) return say(() => t().draw.noRoom);
    drawing.value = step.after;
    history.value = found.history;
    say(added.lost > 0 ? () => t().draw.dropped(added.lost) : text);
  };

  const takeBack = () => turn(undo(history.peek()), () => t().draw.undone);
  const doAgain = () => turn(redo(history.peek()), () => t().draw.redone);

  /** The line that begins in a cell, if one can begin there. */
  const start = (cell: Cell): Drawing | null => {
    const line = begin(board, cell);
    if (!line) say(() => t().draw.noDot);
    else if (lines.isJoined(line.color))
      say(() => t().draw.joinedAlready(names.ofColor(line.color)));
    else {
      say(null);
      return line;
    }
    return null;
  };

  const finish = (line: Drawing, since: Drawing | null) => {
    const put = lines.add([line]);
    if (!put) {
      act({ before: since, after: line });
      say(() => t().draw.noRoom);
      return;
    }
    act({ before: since, after: null, added: [line] });
    // With a session the server's answer says what has become of it.
    if (!user.peek()) tell(isDone(board, line) ? line.color : null);
    if (put.madeRoom) say(() => t().draw.madeRoom);
  };

  const tell = (color: string | null) => {
    if (color === null) return say(() => t().draw.joinsNothing);
    const now = progress(board.dots, lines.all.peek());
    if (now === 'complete' && !user.peek()) solvedJustNow(board.id);
    if (now === 'complete') say(() => t().draw.lastPair);
    else if (now === 'crossing') say(() => t().draw.crossing);
    else say(() => t().draw.isJoined(names.ofColor(color)));
  };

  const save = () => {
    const line = drawing.peek();
    if (line && line.cells.length > 1) finish(line, line);
  };

  /** Takes away finished lines. */
  const remove = (some: readonly Finished[], after = drawing.peek()) => {
    const removed = some.map((it) => toDrawing(board, it));
    lines.remove(removed);
    act({ after, removed });
  };

  /** Takes away the line being drawn, or else those that wait. */
  const clear = () => {
    const waits = ({ line }: Finished) => line !== null;
    remove(drawing.peek() ? [] : lines.all.peek().filter(waits), null);
    say(() => t().draw.cleared);
  };

  const restart = () => {
    remove(lines.all.peek(), null);
    say(() => t().draw.cleared);
  };

  const moved = (next: Drawing) => {
    const changes = next !== drawing.peek();
    if (changes) act({ after: next });
    say(changes ? null : () => t().draw.noWay);
  };

  const pointer = {
    isGrip: (cell: Cell) =>
      dotAt(board.dots, cell) !== undefined || indexIn(drawing.peek()?.cells ?? NOTHING, cell) >= 0,
    start(cell: Cell) {
      const line = drawing.peek();
      const isOnLine = line !== null && indexIn(line.cells, cell) >= 0;
      const next =
        line && isOnLine && line.cells.length > 1 ? moveTo(board, line, cell) : start(cell);
      before.current = line;
      draws.current = next !== null;
      if (next) drawing.value = next;
      return draws.current;
    },
    move(cell: Cell) {
      const line = drawing.peek();
      if (line && draws.current) drawing.value = moveTo(board, line, cell);
    },
    end() {
      const line = drawing.peek();
      const isDrag = draws.current;
      draws.current = false;
      if (!line || !isDrag) return;
      const since = before.current;
      let next: Drawing | null = line;
      // Taps: once more on the only dot lets go of it; on the partner, it goes there.
      if (line.cells.length === 1 && since) {
        const cell = line.cells[0] as Cell;
        const reached = moveTo(board, since, cell);
        const isAgain = since.cells.every((it) => distance(it, cell) === 0);
        if (isAgain) next = null;
        else if (reached !== since && isDone(board, reached)) next = reached;
      }
      settle(next, since);
    },
    tap(cell: Cell) {
      const line = drawing.peek();
      if (!line) return;
      const next = moveTo(board, line, cell);
      if (isDone(board, next)) settle(next, line);
      else moved(next);
    },
  };

  /** A line that joins its pair is finished. */
  const settle = (next: Drawing | null, since: Drawing | null) => {
    if (next && isDone(board, next)) finish(next, since);
    else act({ before: since, after: next });
  };

  const enter = (cell: Cell) => {
    const line = drawing.peek();
    if (!line) {
      const begun = start(cell);
      if (begun) act({ after: begun });
    } else if (line.cells.length < 2) {
      say(() => t().draw.useArrows);
    } else {
      save();
    }
  };

  /** Whether the key meant something for the line. */
  const key = (
    event: KeyboardEvent,
    cell: Cell,
    direction: { dRow: number; dCol: number } | null,
  ): boolean => {
    const line = drawing.peek();
    if (event.key === 'Enter') enter(cell);
    else if (event.key === ' ') line || enter(cell);
    else if (!line) return false;
    else if (event.key === 'Backspace') takeBack();
    else if (event.key === 'Escape') clear();
    else if (direction) moved(stepTo(board, line, direction.dRow, direction.dCol));
    else return false;
    return true;
  };

  const line = drawing.value;
  return {
    drawing,
    waiting,
    saving,
    joins: line !== null && isDone(board, line),
    says,
    history,
    pointer,
    key,
    save,
    takeBack,
    doAgain,
    clear,
    restart,
    remove,
  };
}

const drawn = ({ cells, color }: { readonly cells: readonly Cell[]; color: string }): Drawing => ({
  cells: [...cells],
  color,
});

export type UseDrawing = ReturnType<typeof useDrawing>;
