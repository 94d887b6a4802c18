import type { Board } from '../api/client';
import type { EventType, StreamEvent } from '../stream/event';

/** The boards that are shown, newest first, as they were at `cursor` and then changed by events. */
export interface BoardList {
  items: Board[];
  /** Whether there are older ones. */
  more: boolean;
  cursor: number;
}

/** What an event does to the list, and the board that has to be read for it: events carry no grid. */
export function reduce(
  list: BoardList,
  event: StreamEvent,
): { list: BoardList; wanted: number | null } {
  if (event.type === 'boardDeleted') return { list: dropBoard(list, event.boardId), wanted: null };
  const changes = event.type === 'newBoard' || event.type === 'boardUpdated';
  const isWanted = changes && event.id > list.cursor && isInRange(list, event.boardId);
  return { list, wanted: isWanted ? event.boardId : null };
}

/** Puts a board that was read into its place, unless what is there is newer. */
export function putBoard(list: BoardList, board: Board): BoardList {
  const { items } = list;
  const present = items.find((it) => it.id === board.id);
  if (present) {
    if (present.version >= board.version) return list;
    return { ...list, items: items.map((it) => (it === present ? board : it)) };
  }
  if (!isInRange(list, board.id)) return list;
  return { ...list, items: [...items, board].sort((a, b) => b.id - a.id) };
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

/** What is kept of an event to tell of it. */
export interface KeptNotice {
  /** The event's id. */
  id: number;
  type: EventType;
  boardId: number;
  boardName: string;
  username: string;
  /** When it came here, in milliseconds. */
  at: number;
  /** It happened before the page had read what it shows. */
  whileAway: boolean;
}

const NOTICES = 200;

export function toNotice(event: StreamEvent, at: number, whileAway: boolean): KeptNotice {
  return { ...event, at, whileAway };
}

/** All notices once, newest first, at most 200; of two for one event the one in `first` stays. */
export function mergeNotices(first: KeptNotice[], second: KeptNotice[]): KeptNotice[] {
  const known = new Set(first.map((it) => it.id));
  return [...first, ...second.filter((it) => !known.has(it.id))]
    .sort((a, b) => b.id - a.id)
    .slice(0, NOTICES);
}

/** What is left when the log has gone back: later ids will be those of other events. */
export function dropAfter(notices: KeptNotice[], id: number): KeptNotice[] {
  return notices.filter((it) => it.id <= id);
}
