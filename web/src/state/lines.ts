import { signal } from '@preact/signals';
import { type Cell, newKey } from '../api/client';
import { keep, onKeptElsewhere, recall } from '../storage';
import { user } from './session';

/** A finished line that the server has not taken yet. */
export interface Line {
  /** Under which it is sent, however often: so it is saved once. */
  readonly key: string;
  readonly cells: readonly Cell[];
  /** Of the dot at which it began. */
  readonly color: string;
  /**
   * Who drew it, by the user's id, as a name may be erased; null for somebody who was not signed in, then it is for
   * whoever signs in next.
   */
  readonly by: number | null;
}

/** Lines by board. The boards on which one drew last come last. */
type Lines = ReadonlyMap<number, readonly Line[]>;

const KEY = 'dotcast.lines';
/** Upper bound on the boards with lines that the browser keeps. */
const MOST_BOARDS = 20;
/** Upper bound on the cells of all these lines together: some 200 kB. */
const MOST_CELLS = 20_000;
const NONE: readonly Line[] = [];

const lines = signal<Lines>(kept());
/** Whether the browser keeps what is in {@link lines}; if not, it lasts as long as the page. */
let isKept = true;

// Nothing stays that is not understood, such as the names that were kept once.
if (recall(KEY) !== undefined) keep(KEY, packed(lines.peek()));

onKeptElsewhere(KEY, () => {
  lines.value = present();
});

/** The lines on a board that whoever uses the page now has drawn. */
export function linesOn(boardId: number): readonly Line[] {
  const all = lines.value.get(boardId) ?? NONE;
  const isMine = ({ by }: Line) => by === null || by === user.value?.id;
  return all.every(isMine) ? all : all.filter(isMine);
}

/** The boards with lines, the one on which one drew last first. */
export function boardsWithLines(): number[] {
  return [...lines.peek().keys()].reverse();
}

/**
 * Keeps lines until the server has taken them. Where the browser has no room, boards on which one has not drawn for
 * longest make it; null if that is not enough.
 */
export function putLines(
  boardId: number,
  drawn: readonly Pick<Line, 'cells' | 'color'>[],
): { madeRoom: boolean } | null {
  const by = user.peek()?.id ?? null;
  const news = drawn.map(({ cells, color }) => ({ key: newKey(), cells, color, by }));
  const next = new Map(present());
  const all = [...(next.get(boardId) ?? NONE), ...news];
  next.delete(boardId);
  next.set(boardId, all);
  const before = next.size;
  const isTooMuch = () => next.size > MOST_BOARDS || cellsOf(next) > MOST_CELLS;
  for (const id of next.keys()) if (id !== boardId && isTooMuch()) next.delete(id);
  if (isTooMuch()) return null;
  put(next);
  return { madeRoom: next.size < before };
}

/** Forgets lines that the server has taken, or that one does not want any more. */
export function dropLines(boardId: number, keys: readonly string[]): void {
  const next = new Map(present());
  const left = (next.get(boardId) ?? NONE).filter((it) => !keys.includes(it.key));
  if (left.length > 0) next.set(boardId, left);
  else next.delete(boardId);
  put(next);
}

/** Another tab may have kept something of which this one has not been told yet. */
function present(): Lines {
  return isKept ? kept() : lines.peek();
}

function put(next: Lines): void {
  lines.value = next;
  isKept = keep(KEY, packed(next));
}

function cellsOf(all: Lines): number {
  let count = 0;
  for (const some of all.values()) for (const { cells } of some) count += cells.length;
  return count;
}

/** As it is kept: rows and columns in turn, which takes a quarter of the room of objects. */
function packed(all: Lines) {
  return [...all].map(([board, some]) => ({
    board,
    lines: some.map((it) => ({ ...it, cells: it.cells.flatMap(({ row, col }) => [row, col]) })),
  }));
}

function kept(): Lines {
  const all = new Map<number, Line[]>();
  const value = recall(KEY);
  if (!Array.isArray(value)) return all;
  for (const it of value) {
    const { board, lines: some } = (it ?? {}) as Record<string, unknown>;
    if (!Number.isInteger(board) || !Array.isArray(some)) continue;
    const found = some.map(unpacked).filter((line) => line !== null);
    if (found.length > 0) all.set(board as number, found);
  }
  return all;
}

/** A line as it was kept; null for what somebody has changed by hand. */
function unpacked(value: unknown): Line | null {
  const { key, cells, color, by } = (value ?? {}) as Record<string, unknown>;
  if (typeof key !== 'string' || !/^[!-~]{1,255}$/.test(key) || typeof color !== 'string')
    return null;
  if (by !== null && typeof by !== 'number') return null;
  if (!Array.isArray(cells) || cells.length < 4 || cells.length % 2) return null;
  if (!cells.every((it) => Number.isInteger(it))) return null;
  const places = Array.from({ length: cells.length / 2 }, (_, index) => ({
    row: cells[2 * index] as number,
    col: cells[2 * index + 1] as number,
  }));
  return { key, cells: places, color, by };
}
