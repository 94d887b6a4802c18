import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Board, Cell } from '../../api/client';
import { inWords, Problem } from '../../api/problem';
import { begin, type Drawing, isDone, moveTo, step, undo } from '../../rules/drawing';
import { distance, progress } from '../../rules/path';
import { dotAt, indexIn } from '../../rules/places';
import { openBoard, savePath } from '../../state/board';
import { user } from '../../state/session';
import { capital } from '../../ui/words';
import { type Names, stillFits } from './pairs';

/** What was drawn and not saved, by board. It outlives the view, because signing in leads away from it. */
const unfinished = new Map<number, Drawing>();
/** Lines that are saved as soon as their owner has signed in, by board. */
const unsigned = new Map<number, readonly Drawing[]>();
const NONE: readonly Drawing[] = [];

/** How long the board glows when all is joined, in milliseconds. */
const GLOW = 1500;

/** A line being drawn on a board, and what can be done with it. */
export function useDrawing(board: Board, names: Names) {
  const drawing = useSignal<Drawing | null>(unfinished.get(board.id) ?? null);
  const waiting = useSignal(unsigned.get(board.id) ?? NONE);
  const saving = useSignal(NONE);
  const says = useSignal('');
  const error = useSignal('');
  const asksToSignIn = useSignal(false);
  const celebrates = useSignal(false);
  /** Asked to sign in, one wanted to look only: then one may try, and is asked again when saving. */
  const looksOnly = useRef(false);
  /** Whether the present press draws. */
  const draws = useRef(false);
  /** What was there before the present press. */
  const before = useRef<Drawing | null>(null);
  const isJoined = () => drawing.value !== null && isDone(board, drawing.value);

  const put = (next: Drawing | null) => {
    drawing.value = next;
    error.value = '';
    if (next) unfinished.set(board.id, next);
    else unfinished.delete(board.id);
  };

  const putWaiting = (next: readonly Drawing[]) => {
    waiting.value = next;
    unsigned.set(board.id, next);
  };

  useEffect(() => {
    if (!user.value || waiting.value.length === 0) return;
    const lines = waiting.value;
    putWaiting(NONE);
    for (const line of lines) send(line);
  }, [user.value]);

  const version = useRef(board.version);
  useEffect(() => {
    if (version.current === board.version) return;
    version.current = board.version;
    const fits = !drawing.value || stillFits(board, drawing.value);
    if (!fits) put(null);
    putWaiting(waiting.value.filter((it) => stillFits(board, it)));
    says.value = `${board.creator_username} has just changed this board.${fits ? '' : ' Your unfinished line did not fit any more.'}`;
  }, [board]);

  useEffect(() => {
    if (!celebrates.value) return;
    const timer = setTimeout(() => {
      celebrates.value = false;
    }, GLOW);
    return () => clearTimeout(timer);
  }, [celebrates.value]);

  /** A pair is joined once: also by a line that is not saved yet. */
  const isTaken = (color: string): boolean =>
    names.joined.has(color) ||
    [...waiting.value, ...saving.value].some((it) => it.color === color && isDone(board, it));

  const isJoinedAlready = (color: string) =>
    `${capital(names.ofColor(color))} is joined already. Delete its path to draw another one.`;

  const start = (cell: Cell): boolean => {
    const begun = begin(board, cell);
    if (!begun) says.value = 'There is no dot here. Paths begin at a dot.';
    else if (isTaken(begun.color)) says.value = isJoinedAlready(begun.color);
    else says.value = '';
    if (!begun || says.value) return false;
    put(begun);
    if (user.value === null && !looksOnly.current) asksToSignIn.value = true;
    return true;
  };

  const save = async () => {
    const line = drawing.value;
    if (!line || line.cells.length < 2) return;
    // The next line may be drawn while this one is on its way.
    put(null);
    if (user.value === null) {
      putWaiting([...waiting.value, line]);
      asksToSignIn.value = !looksOnly.current;
    } else {
      await send(line);
    }
  };

  const send = async (line: Drawing) => {
    // It was drawn before it was known who draws, and what they have joined already.
    if (isDone(board, line) && isTaken(line.color)) {
      says.value = isJoinedAlready(line.color);
      return;
    }
    saving.value = [...saving.value, line];
    try {
      const { connects } = await savePath([...line.cells]);
      says.value = outcome(connects ?? null);
    } catch (reason) {
      const isSignedOut = reason instanceof Problem && reason.status === 401;
      if (isSignedOut) putWaiting([...waiting.value, line]);
      else if (!drawing.value) put(line);
      error.value = `The ${names.ofColor(line.color)} path was not saved. ${inWords(reason)}`;
    } finally {
      saving.value = saving.value.filter((it) => it !== line);
    }
  };

  const saveIfJoined = () => {
    if (isJoined()) save();
  };

  const justLook = () => {
    looksOnly.current = true;
    asksToSignIn.value = false;
  };

  const outcome = (connects: string | null): string => {
    const now = openBoard.value;
    if (now.state !== 'ready' || !connects) return 'Path saved. It does not join a pair.';
    const { dots } = now.board;
    switch (progress(dots, now.paths)) {
      case 'complete':
        celebrates.value = true;
        return 'That was the last pair. The puzzle is complete!';
      case 'crossing':
        return 'Every pair is joined, but some lines cross.';
    }
    return `${capital(names.ofColor(connects))} is joined.`;
  };

  const discard = () => {
    put(null);
    says.value = 'Discarded.';
  };

  const discardWaiting = () => {
    putWaiting(NONE);
    says.value = 'Discarded.';
  };

  const takeBack = () => put(drawing.value && undo(drawing.value));

  const moved = (next: Drawing) => {
    const changes = next !== drawing.value;
    if (changes) put(next);
    says.value = changes ? '' : 'There is no way there.';
  };

  const pointer = {
    isGrip: (cell: Cell) =>
      dotAt(board.dots, cell) !== undefined ||
      (drawing.value !== null && indexIn(drawing.value.cells, cell) >= 0),
    start(cell: Cell) {
      const line = drawing.value;
      before.current = line;
      const isOnLine = line !== null && indexIn(line.cells, cell) >= 0;
      draws.current = true;
      if (line && isOnLine && line.cells.length > 1) put(moveTo(board, line, cell));
      else draws.current = start(cell);
      return draws.current;
    },
    move(cell: Cell) {
      if (drawing.value && draws.current) put(moveTo(board, drawing.value, cell));
    },
    end() {
      const line = drawing.value;
      const last = before.current;
      if (!line || !draws.current) return;
      // Taps: once more on the only dot lets go of it; on the partner, it goes there.
      if (line.cells.length === 1 && last) {
        const cell = line.cells[0] as Cell;
        const reached = moveTo(board, last, cell);
        const isAgain = last.cells.every((it) => distance(it, cell) === 0);
        if (isAgain) put(null);
        else if (reached !== last && isDone(board, reached)) put(reached);
      }
      saveIfJoined();
    },
    tap(cell: Cell) {
      if (!drawing.value) return;
      moved(moveTo(board, drawing.value, cell));
      saveIfJoined();
    },
  };

  const enter = (cell: Cell) => {
    const line = drawing.value;
    if (!line) {
      start(cell);
    } else if (line.cells.length < 2) {
      says.value = 'Use the arrow keys to draw.';
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
    const line = drawing.value;
    if (event.key === 'Enter') enter(cell);
    else if (event.key === ' ') line || enter(cell);
    else if (!line) return false;
    else if (event.key === 'Backspace') takeBack();
    else if (event.key === 'Escape') discard();
    else if (direction) moved(step(board, line, direction.dRow, direction.dCol));
    else return false;
    return true;
  };

  return {
    drawing,
    waiting,
    joins: isJoined(),
    saving,
    says,
    error,
    asksToSignIn,
    justLook,
    celebrates,
    pointer,
    key,
    save,
    takeBack,
    discard,
    discardWaiting,
  };
}

export type UseDrawing = ReturnType<typeof useDrawing>;
