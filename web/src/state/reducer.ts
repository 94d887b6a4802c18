import type { Board } from '../api/client';
import type { StreamEvent } from './event';

/** The boards that are shown, newest first, as they were at `cursor` and then changed by events. */
export interface BoardList {
  items: Board[];
  /** Whether there are older ones. */
  more: boolean;
  cursor: number;
}

/** Events after which a board is not what it was. */
const CHANGES: ReadonlySet<StreamEvent['type']> = new Set([
  'newBoard',
  'boardUpdated',
  'boardSolved',
]);

/** Whether the board that an event is about has to be read: events carry no grid. */
export const hasBoardRead = (event: StreamEvent) => CHANGES.has(event.type);

/** What an event does to the list, and the board that has to be read for it. */
export function reduce(
  list: BoardList,
  event: StreamEvent,
): { list: BoardList; wanted: number | null } {
  if (event.type === 'boardDeleted') return { list: dropBoard(list, event.boardId), wanted: null };
  const isWanted = hasBoardRead(event) && event.id > list.cursor && isInRange(list, event.boardId);
  return { list, wanted: isWanted ? event.boardId : null };
}

/** Puts boards that were read into their places, unless what is there is newer. */
export function putBoards(list: BoardList, boards: readonly Board[]): BoardList {
  const present = new Map(list.items.map((it) => [it.id, it]));
  const news = new Map<number, Board>();
  for (const board of boards) {
    const known = news.get(board.id) ?? present.get(board.id);
    if (known ? isNews(known, board) : isInRange(list, board.id)) news.set(board.id, board);
  }
  if (news.size === 0) return list;
  const kept = list.items.filter((it) => !news.has(it.id));
  return { ...list, items: [...kept, ...news.values()].sort((a, b) => b.id - a.id) };
}

/** Whether a board was changed or solved since it was read. Who has solved it changes without its version. */
export function isNews(known: Board, read: Board): boolean {
  if (known.version !== read.version) return known.version < read.version;
  return known.solved_count !== read.solved_count || known.solved !== read.solved;
}

export function dropBoard(list: BoardList, id: number): BoardList {
  const items = list.items.filter((it) => it.id !== id);
  return items.length === list.items.length ? list : { ...list, items };
}

/** Adds the next page, of boards older than those that are there. */
export function appendPage(list: BoardList, page: { items: Board[]; more: boolean }): BoardList {
  const known = new Set(list.items.map((it) => it.id));
  const items = [...list.items, ...page.items.filter((it) => !known.has(it.id))];
  return { ...list, items, more: page.more };
}

/** Whether the board belongs to the part of the list that is shown. */
function isInRange({ items, more }: BoardList, id: number): boolean {
  const oldest = items.at(-1);
  return !more || oldest === undefined || id >= oldest.id;
}

/** What is shown of a list while one reads it. */
export interface Arranged {
  /** The ids, newest first. Those of boards that are gone keep their places. */
  ids: readonly number[];
  /** How many newer ones wait. */
  waiting: number;
}

/**
 * Where boards go. What is older than all that is shown comes after it. What is newer waits, so that nothing moves
 * under the pointer, unless the list may move.
 */
export function arrange(
  before: readonly number[],
  items: readonly Board[],
  mayMove: boolean,
): Arranged {
  const ids = items.map((it) => it.id);
  const oldest = before.at(-1);
  const known = new Set(before);
  const isAnother = !ids.some((id) => known.has(id));
  if (mayMove || isAnother || oldest === undefined) return { ids, waiting: 0 };
  return {
    ids: [...before, ...ids.filter((id) => id < oldest)],
    waiting: ids.filter((id) => id > oldest && !known.has(id)).length,
  };
}
