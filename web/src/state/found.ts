import { signal } from '@preact/signals';
import { api, type Board, type BoardQuery } from '../api/client';
import type { Problem } from '../api/problem';
import { inbox } from './inbox';
import { paced } from './pace';
import { isNews } from './reducer';

/** Which boards to look for, and in which order. */
export type Wish = Pick<BoardQuery, 'name' | 'creator' | 'solved' | 'sort'>;

export type Found =
  | { state: 'loading' }
  | { state: 'error'; problem: Problem }
  | {
      state: 'ready';
      items: readonly Board[];
      /** Those of the items that were deleted since. */
      gone: ReadonlySet<number>;
      /** Where the list goes on; null at its end. */
      next: string | null;
      /** Something is being read: the next page, or what is wished for now. */
      isBusy: boolean;
      /** What {@link findMore} failed with. */
      problem: Problem | null;
    };

/** Least time between two searches, in milliseconds. What is typed meanwhile is looked for together. */
const PAUSE = 100;

/** The list of boards that was looked for last. Unlike the list of all, nothing comes into it by itself. */
export const found = signal<Found>({ state: 'loading' });

let wish: Wish = {};
let key = '';

/** The same for two wishes only if they are for the same boards. */
const keyOf = ({ name, creator, solved, sort }: Wish) =>
  JSON.stringify([name, creator, solved, sort]);

/**
 * Looks for other boards; until they are there, what was found before is shown. One search runs at a time, and its
 * answer counts if nothing else is wished for by then.
 */
export function find(next: Wish): void {
  wish = next;
  key = keyOf(next);
  const now = found.peek();
  found.value = now.state === 'ready' ? { ...now, isBusy: true } : { state: 'loading' };
  searchSoon();
}

/** {@link find} for another view. With `isReturn` it goes on with what it found before, if that is still there. */
export function findAnew(next: Wish, isReturn: boolean): void {
  const isThere = keyOf(next) === key && found.peek().state === 'ready';
  if (isThere && isReturn) return;
  if (!isThere) found.value = { state: 'loading' };
  find(next);
}

const searchSoon = paced(() => inbox.run(() => search(1)), PAUSE);

/** Reads what was found once more, as far as it is shown, for what is in the inbox itself. */
export async function readFound(): Promise<void> {
  const now = found.peek();
  if (now.state === 'ready') await search(now.items.length);
}

/** Looks for at least so many boards, or all that there are. */
async function search(count: number): Promise<void> {
  const asked = wish;
  try {
    let { items, next_page: next } = await api.listBoards(asked);
    while (asked === wish && items.length < count && next !== null) {
      const page = await api.listBoards({ ...asked, page: next });
      items = [...items, ...page.items];
      next = page.next_page;
    }
    if (asked !== wish) return;
    found.value = {
      state: 'ready',
      items,
      gone: new Set(),
      next,
      isBusy: false,
      problem: null,
    };
  } catch (error) {
    if (asked === wish) found.value = { state: 'error', problem: error as Problem };
  }
}

/** Reads the next page, which may be empty and yet not the last. */
export async function findMore(): Promise<void> {
  const now = found.peek();
  if (now.state !== 'ready' || now.isBusy || now.next === null) return;
  found.value = { ...now, isBusy: true, problem: null };
  const { next: page } = now;
  await inbox.run(() => readMore(wish, page));
}

async function readMore(asked: Wish, page: string): Promise<void> {
  const read = await api.listBoards({ ...asked, page }).catch((error: Problem) => error);
  const now = found.peek();
  if (asked !== wish || now.state !== 'ready') return;
  if (read instanceof Error) {
    found.value = { ...now, isBusy: false, problem: read };
    return;
  }
  // One that has moved since the page before may come again.
  const known = new Set(now.items.map((it) => it.id));
  const items = [...now.items, ...read.items.filter((it) => !known.has(it.id))];
  found.value = { ...now, items, next: read.next_page, isBusy: false };
}

/** Whether the list has this board. */
export function isFound(id: number): boolean {
  const now = found.peek();
  return now.state === 'ready' && now.items.some((it) => it.id === id);
}

/** Puts boards that were read again into their places. */
export function putFound(boards: readonly Board[]): void {
  const now = found.peek();
  if (now.state !== 'ready') return;
  const read = new Map(boards.map((it) => [it.id, it]));
  const newer = (known: Board) => {
    const board = read.get(known.id);
    return board && isNews(known, board) ? board : known;
  };
  const items = now.items.map(newer);
  if (items.some((it, index) => it !== now.items[index])) found.value = { ...now, items };
}

/** Marks a board that was deleted. It keeps its place. */
export function markGone(id: number): void {
  const now = found.peek();
  if (now.state !== 'ready' || !isFound(id)) return;
  found.value = { ...now, gone: new Set([...now.gone, id]) };
}
