import { signal } from '@preact/signals';
import { api, type Board, type Path } from '../api/client';
import { isSameWay, stillFits } from '../rules/lines';
import { connects, progress } from '../rules/path';
import { deletePathsSoon, lookAt, savePath, showAgain } from './board';
import { hiddenPaths } from './deletions';
import { boardsWithLines, dropLines, type Line, linesOn } from './lines';
import { user, whoIsSignedIn } from './session';

/** What has become of a line: the path that it is now; null if its pair was joined already. */
export interface Outcome {
  line: Line;
  path: Path | null;
}

/** The keys of lines that are on their way. */
export const onTheirWay = signal<ReadonlySet<string>>(new Set());
/** The keys of lines on their way that are not wanted any more. */
export const unwanted = signal<ReadonlySet<string>>(new Set());
/** Why the lines on a board could not be saved, by board. */
export const sendingFaults = signal<ReadonlyMap<number, unknown>>(new Map());

/** Those who say what has become of lines, by board: its view. */
const listeners = new Map<number, (outcome: Outcome) => void>();
/** The last outcome on each board without a listener: after a sign-in its view may still be on its way. */
const untold = new Map<number, Outcome>();

/**
 * Calls `listener` with each outcome on a board, also the last one before; returns how to stop that. A board has one
 * listener at a time.
 */
export function onOutcome(boardId: number, listener: (outcome: Outcome) => void): () => void {
  listeners.set(boardId, listener);
  const last = untold.get(boardId);
  untold.delete(boardId);
  if (last) listener(last);
  return () => {
    if (listeners.get(boardId) === listener) listeners.delete(boardId);
  };
}

const wanted = new Set<number>();
let isBusy = false;

/**
 * Saves the lines that wait on these boards, one after the other, if somebody is signed in. A line waits until the
 * server has answered that it has it.
 */
export async function sendLines(boards: readonly number[] = boardsWithLines()): Promise<void> {
  for (const id of boards) wanted.add(id);
  if (isBusy) return;
  isBusy = true;
  await whoIsSignedIn();
  for (const id of wanted) {
    wanted.delete(id);
    await sendOn(id);
  }
  isBusy = false;
}

/** Withdraws lines, also those that are on their way. */
export function withdraw(boardId: number, lines: readonly Line[]): void {
  const isOnItsWay = ({ key }: Line) => onTheirWay.peek().has(key);
  const keys = (some: readonly Line[]) => some.map((it) => it.key);
  unwanted.value = new Set([...unwanted.peek(), ...keys(lines.filter(isOnItsWay))]);
  dropLines(boardId, keys(lines.filter((it) => !isOnItsWay(it))));
}

/** Wants a line again that was withdrawn on its way. False if there is none that goes the same way. */
export function wantAgain(boardId: number, cells: Line['cells']): boolean {
  const isIt = (it: Line) => unwanted.peek().has(it.key) && isSameWay(it.cells, cells);
  const line = linesOn(boardId).find(isIt);
  if (line) unwanted.value = without(unwanted.peek(), line.key);
  return line !== undefined;
}

async function sendOn(boardId: number): Promise<void> {
  if (!user.peek() || linesOn(boardId).length === 0) return;
  fail(boardId, null);
  try {
    const { board, paths } = await lookAt(boardId);
    const known = [...paths];
    const tried = new Set<string>();
    const next = () => linesOn(boardId).find((it) => !tried.has(it.key));
    // Those that are drawn meanwhile go, too, unless whoever drew them has signed out.
    for (let line = next(); line && user.peek(); line = next()) {
      tried.add(line.key);
      // What does not fit any more is left to the view of the board, which says so.
      if (stillFits(board, line)) await send(board, line, known);
    }
    if (board.solved === false && progress(board.dots, shown(known)) === 'complete')
      showAgain((await api.getBoard(boardId)).board);
  } catch (reason) {
    fail(boardId, reason);
  }
}

/** Sends a line, unless that makes no sense any more. `known` are the paths on the board. */
async function send(board: Board, line: Line, known: Path[]): Promise<void> {
  const there = shown(known);
  // It arrived when its answer was lost, so long ago that its key is forgotten.
  const same = there.find((it) => isSameWay(it.cells, line.cells));
  if (same) return settle(board, line, same);
  // It was drawn before it was known who draws, and what they have joined already.
  const isJoined = connects(board.dots, line.cells) !== null;
  if (isJoined && there.some((it) => it.connects === line.color)) {
    // It waits until there is somebody to say so.
    if (listeners.has(board.id)) settle(board, line, null);
    return;
  }
  onTheirWay.value = new Set(onTheirWay.peek()).add(line.key);
  try {
    const path = await savePath(board.id, [...line.cells], line.key);
    known.push(path);
    if (unwanted.peek().has(line.key)) {
      dropLines(board.id, [line.key]);
      deletePathsSoon(board, [path.id]);
    } else settle(board, line, path);
  } catch (reason) {
    if (unwanted.peek().has(line.key)) dropLines(board.id, [line.key]);
    throw reason;
  } finally {
    onTheirWay.value = without(onTheirWay.peek(), line.key);
    unwanted.value = without(unwanted.peek(), line.key);
  }
}

function settle(board: Board, line: Line, path: Path | null): void {
  dropLines(board.id, [line.key]);
  const tell = listeners.get(board.id);
  if (tell) tell({ line, path });
  else untold.set(board.id, { line, path });
}

const shown = (paths: readonly Path[]) => paths.filter((it) => !hiddenPaths.peek().has(it.id));

function fail(boardId: number, reason: unknown): void {
  const next = new Map(sendingFaults.peek());
  if (reason === null) next.delete(boardId);
  else next.set(boardId, reason);
  sendingFaults.value = next;
}

function without(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  return new Set([...keys].filter((it) => it !== key));
}
