import { effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { api, MOST_BOARDS, type Path } from '../api/client';
import type { StreamEvent } from './event';
import { paced } from './pace';
import { isMine, user } from './session';

/** Least time between two rounds of reading paths, in milliseconds. Boards wanted meanwhile are read together. */
const GATHER = 200;

type Paths = readonly Pick<Path, 'id' | 'cells'>[];

const NONE: Paths = [];

/** One's own paths by board, for all boards that were asked for. */
const known = new Map<number, Signal<Paths>>();
/** Those of them that are as they were read. */
const fresh = new Set<number>();
const wanted = new Set<number>();

/** One's own paths on a board, as far as they are known. */
export function ownPaths(id: number): ReadonlySignal<Paths> {
  return pathsOf(id);
}

function pathsOf(id: number): Signal<Paths> {
  const paths = known.get(id) ?? signal(NONE);
  known.set(id, paths);
  return paths;
}

/** Has one's paths on a board read, unless they are known: somebody sees it. */
export function wantPaths(id: number): void {
  if (fresh.has(id)) return;
  wanted.add(id);
  // Otherwise when somebody is signed in: boards may be seen before that is known.
  if (user.peek()) readSoon();
}

/** Takes paths that were read for something else. */
export function knowPaths(id: number, paths: Paths): void {
  fresh.add(id);
  pathsOf(id).value = paths;
}

/** Has the paths on a board read again that somebody has seen. */
export function pathsChanged(id: number): void {
  if (fresh.delete(id)) wantPaths(id);
}

/** What events do to one's paths. */
export function applyToProgress(events: readonly StreamEvent[]): void {
  for (const event of events) {
    if (event.type === 'newPath' && isMine(event)) pathsChanged(event.boardId);
  }
}

/** Forgets all paths: they were somebody else's. Those in sight are read anew. */
export function forgetPaths(): void {
  const seen = [...fresh, ...wanted];
  fresh.clear();
  wanted.clear();
  for (const paths of known.values()) paths.value = NONE;
  seen.forEach(wantPaths);
}

const readSoon = paced(readWanted, GATHER);

effect(() => {
  if (user.value && wanted.size > 0) readSoon();
});

async function readWanted(): Promise<void> {
  const who = user.peek();
  const ids = [...wanted].slice(0, MOST_BOARDS);
  if (!who || ids.length === 0) return;
  for (const id of ids) {
    wanted.delete(id);
    // What changes while they are read has them read again.
    fresh.add(id);
  }
  try {
    const byBoard = new Map<number, Path[]>(ids.map((id) => [id, []]));
    for (const path of await api.listPathsOnBoards(ids)) byBoard.get(path.board_id)?.push(path);
    if (who !== user.peek()) return;
    for (const [id, paths] of byBoard) pathsOf(id).value = paths;
  } catch {
    // They are no more than an ornament; they are wanted again with the board.
    for (const id of ids) fresh.delete(id);
  }
  if (wanted.size > 0) readSoon();
}
