import { signal } from '@preact/signals';
import { api, type Board, type BoardDraft, LONGEST_PAGE } from '../api/client';
import type { Problem } from '../api/problem';
import type { StreamEvent } from '../stream/event';
import { inbox } from './inbox';
import { appendPage, type BoardList, dropBoard, putBoard, reduce } from './reducer';

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
/** Boards that are wanted within this time, in milliseconds, are read together. */
const GATHER = 50;
/** For more boards than these the list is read again, as after a night offline. */
const ONE_BY_ONE = 8;

/** The list of boards; it follows the event stream. */
export const boards = signal<Boards>({ state: 'loading' });

let list: BoardList | null = null;
let loadingMore = false;
let moreProblem: Problem | null = null;
/** The list lacks something, because reading it failed. */
let isOutdated = false;
/** How often the list was read: what was read before for its sake is of no use any more. */
let generation = 0;
const wanted = new Set<number>();
const deleted = new Set<number>();

/** From where on events are newer than the list; null if it could not be read yet. */
export function listCursor(): number | null {
  return list?.cursor ?? null;
}

/** Reads the list from the start. */
export function loadBoards(): Promise<void> {
  if (!list) boards.value = { state: 'loading' };
  return inbox.run(readBoards);
}

/** Reads the list again if that has failed before. */
export function repairBoards(): void {
  if (isOutdated) loadBoards();
}

/** {@link loadBoards} for what is in the inbox itself. */
export async function readBoards(): Promise<void> {
  try {
    const shown = list?.items.length ?? 0;
    const limit = Math.min(Math.max(shown, PAGE), LONGEST_PAGE);
    const { items, next_before, cursor } = await listAtLeast(limit);
    generation += 1;
    wanted.clear();
    deleted.clear();
    isOutdated = false;
    show({ items, more: next_before !== null, cursor });
  } catch (error) {
    isOutdated = true;
    if (!list) boards.value = { state: 'error', problem: error as Problem };
  }
}

/** So many boards, or all; a page of large ones has fewer than were asked for. */
async function listAtLeast(count: number) {
  const first = await api.listBoards({ limit: count });
  const items = [...first.items];
  let before = first.next_before;
  while (items.length < count && before !== null) {
    const page = await api.listBoards({ limit: count - items.length, before });
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
  if (list) show(dropBoard(list, id));
}

/** Puts a board into the list that was read or saved. */
export function showBoard(board: Board): void {
  if (list && !deleted.has(board.id)) show(putBoard(list, board));
}

/** What an event does to the list. */
export function applyToBoards(event: StreamEvent): void {
  if (!list) return;
  if (event.type === 'boardDeleted') deleted.add(event.boardId);
  const next = reduce(list, event);
  if (next.list !== list) show(next.list);
  if (next.wanted !== null) want(next.wanted);
}

function show(next: BoardList): void {
  list = next;
  const { items, more } = next;
  boards.value = { state: 'ready', items, more, loadingMore, problem: moreProblem };
}

function want(id: number): void {
  if (wanted.size === 0) setTimeout(readWanted, GATHER);
  wanted.add(id);
}

function readWanted(): void {
  const ids = [...wanted];
  wanted.clear();
  if (ids.length > ONE_BY_ONE) loadBoards();
  else for (const id of ids) readOne(id);
}

async function readOne(id: number): Promise<void> {
  const asked = generation;
  try {
    const { board } = await api.getBoard(id);
    if (asked === generation) showBoard(board);
  } catch (error) {
    // A board that is gone by now will be deleted by an event, too.
    if (asked === generation && (error as Problem).status !== 404) isOutdated = true;
  }
}
