import { signal } from '@preact/signals';
import { api, type Board, type BoardDraft, LONGEST_PAGE } from '../api/client';
import type { Problem } from '../api/problem';
import type { StreamEvent } from './event';
import { isFound, markGone, putFound } from './found';
import { inbox } from './inbox';
import { paced } from './pace';
import { appendPage, type BoardList, dropBoard, hasBoardRead, putBoards, reduce } from './reducer';

export type Boards =
  | { state: 'loading' }
  | { state: 'error'; problem: Problem }
  | {
      state: 'ready';
      items: Board[];
      /** Whether there are older ones. */
      more: boolean;
      loadingMore: boolean;
      /** What {@link loadMore} failed with. */
      problem: Problem | null;
    };

const PAGE = 50;
/** Least time between two rounds of reading boards, in milliseconds. Boards wanted meanwhile are read together. */
const GATHER = 100;
/** Least time between two rounds of reading boards that were solved, in milliseconds: that happens often. */
const GATHER_SOLVED = 1000;
/** Up to this many boards are read one by one, more of them by the page. */
const ONE_BY_ONE = 4;

/** The list of boards; it follows the event stream. */
export const boards = signal<Boards>({ state: 'loading' });

let list: BoardList | null = null;
let loadingMore = false;
let moreProblem: Problem | null = null;
/** The list lacks something, because reading it failed. */
let isOutdated = false;
/** How often the list was read: what was being read for the one before is of no use any more. */
let generation = 0;
const wanted = new Set<number>();
/** Solved since boards were last read for that. */
const solved = new Set<number>();
/** Deleted since boards were last asked for: an answer may still have them. */
const deleted = new Set<number>();

/** From where on events are newer than the list; null if it could not be read yet. */
export function listCursor(): number | null {
  return list?.cursor ?? null;
}

/** Reads the list from the start, as far as it is shown. */
export function loadBoards(): Promise<void> {
  if (!list) boards.value = { state: 'loading' };
  return inbox.run(readBoards);
}

/** Whether the list lacks something, because reading it failed. */
export const isListOutdated = () => isOutdated;

/** Reads the list again if that has failed before. */
export function repairBoards(): void {
  if (isOutdated) loadBoards();
}

/** {@link loadBoards} for what is in the inbox itself. */
export async function readBoards(): Promise<void> {
  try {
    const { items, next_before, cursor } = await listAtLeast(list?.items.length ?? 0);
    generation += 1;
    wanted.clear();
    solved.clear();
    deleted.clear();
    isOutdated = false;
    show({ items, more: next_before !== null, cursor });
  } catch (error) {
    isOutdated = true;
    if (!list) boards.value = { state: 'error', problem: error as Problem };
  }
}

/** A page of boards, or as many as were shown; a page of large ones has fewer than were asked for. */
async function listAtLeast(count: number) {
  const limit = Math.min(Math.max(count, PAGE), LONGEST_PAGE);
  const first = await api.listBoards({ limit });
  const items = [...first.items];
  let before = first.next_before;
  while (items.length < count && before !== null) {
    const page = await api.listBoards({
      limit: Math.min(count - items.length, LONGEST_PAGE),
      before,
    });
    items.push(...page.items);
    before = page.next_before;
  }
  return { items, next_before: before, cursor: first.cursor };
}

/** Reads the next, older boards. */
export async function loadMore(): Promise<void> {
  if (!list || loadingMore) return;
  loadingMore = true;
  moreProblem = null;
  show(list);
  await inbox.run(readMore);
}

async function readMore(): Promise<void> {
  if (!list) return;
  let next = list;
  const before = next.items.at(-1)?.id;
  try {
    const page = await api.listBoards({ limit: PAGE, ...(before === undefined ? {} : { before }) });
    // What came meanwhile is in `list`.
    next = appendPage(list, { items: page.items, more: page.next_before !== null });
  } catch (error) {
    moreProblem = error as Problem;
  }
  loadingMore = false;
  show(next);
}

/** Makes a board, which is in the list at once. */
export async function createBoard(draft: BoardDraft): Promise<Board> {
  const board = await api.createBoard(draft);
  showBoard(board);
  return board;
}

export async function removeBoard(id: number): Promise<void> {
  await api.deleteBoard(id);
  markGone(id);
  if (list) show(dropBoard(list, id));
}

/** Puts a board into the list that was saved. */
export function showBoard(board: Board): void {
  showBoards([board]);
}

/** What events do to the list. */
export function applyToBoards(events: readonly StreamEvent[]): void {
  if (!list) return;
  let next = list;
  for (const event of events) {
    if (event.type === 'boardDeleted') {
      deleted.add(event.boardId);
      markGone(event.boardId);
    }
    const { list: then, wanted: id } = reduce(next, event);
    next = then;
    const isShown = id !== null || (hasBoardRead(event) && isFound(event.boardId));
    if (isShown) (event.type === 'boardSolved' ? solved : wanted).add(event.boardId);
  }
  if (next !== list) show(next);
  if (wanted.size > 0) readSoon();
  if (solved.size > 0) readSolvedSoon();
}

function show(next: BoardList): void {
  list = next;
  const { items, more } = next;
  boards.value = { state: 'ready', items, more, loadingMore, problem: moreProblem };
}

function showBoards(found: readonly Board[]): void {
  if (!list) return;
  const there = found.filter((it) => !deleted.has(it.id));
  putFound(there);
  const next = putBoards(list, there);
  if (next !== list) show(next);
}

const readSoon = paced(readWanted, GATHER);

const readSolvedSoon = paced(() => {
  for (const id of solved) wanted.add(id);
  solved.clear();
  if (wanted.size > 0) readSoon();
}, GATHER_SOLVED);

/** Reads the boards that events were about. */
async function readWanted(): Promise<void> {
  const asked = generation;
  let ids = [...wanted].sort((a, b) => b - a);
  wanted.clear();
  deleted.clear();
  try {
    while (ids.length > 0) {
      const newest = ids[0] as number;
      const span = newest - (ids.at(-1) as number) + 1;
      const limit = ids.length > ONE_BY_ONE ? Math.min(span, LONGEST_PAGE) : 1;
      const { items, next_before } = await api.listBoards({ limit, before: newest + 1 });
      if (asked !== generation) return;
      showBoards(items);
      // Those that are not there by now will be deleted by an event, too.
      const reached = next_before === null ? 0 : (items.at(-1)?.id ?? 0);
      ids = ids.filter((id) => id < reached);
    }
  } catch {
    if (asked === generation) isOutdated = true;
  }
}
