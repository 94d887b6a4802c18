import { effect, signal } from '@preact/signals';
import { underPresentName } from './erasure';
import type { StreamEvent } from './event';
import { isNews, isWanted } from './news';
import { paced } from './pace';
import { user } from './session';

/** What is told of what others do while one is here. Each stays until dismissed, or until newer ones push it out. */
export interface Toast {
  /** Of its newest event. */
  id: number;
  event: StreamEvent;
  /** How often the same person did the same to the same board since the last toast. */
  count: number;
  /** How many other things happened since then. */
  more: number;
}

/** Most that are shown. */
const MOST = 4;
/** Least time between two toasts, in milliseconds. Nobody reads, or listens to, more than one a second. */
const SPACING = 1000;
/** Upper bound on the events that wait for the next toast. Of older ones only the number is kept. */
const MOST_WAITING = 500;

/** Those to show now, newest last. */
export const toasts = signal<readonly Toast[]>([]);

let waiting: StreamEvent[] = [];
/** How many did not fit into {@link waiting}. */
let uncounted = 0;

const showSoon = paced(show, SPACING);

/** Announces events, which come in order. Those that come before the next toast share it. */
export function announce(events: readonly StreamEvent[]): void {
  const wanted = events.filter(isWanted);
  if (wanted.length === 0) return;
  const all = [...waiting, ...wanted];
  waiting = all.slice(-MOST_WAITING);
  uncounted += all.length - waiting.length;
  showSoon();
}

/** Takes a toast away. */
export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((it) => it.id !== id);
}

/** Forgets what was told of a log that has gone back to `id`. */
export function unannounceAfter(id: number): void {
  waiting = waiting.filter((it) => it.id <= id);
  toasts.value = toasts.value.filter((it) => it.id <= id);
}

/** Tells of events under the names that they have now. */
export function renameToasts(): void {
  waiting = waiting.map(underPresentName);
  toasts.value = toasts.peek().map((it) => ({ ...it, event: underPresentName(it.event) }));
}

function show(): void {
  // Until it is known who is here, nothing is known to be of others.
  if (user.peek() === undefined) return;
  const others = waiting.filter(isNews);
  const more = uncounted;
  waiting = [];
  uncounted = 0;
  const event = others.at(-1);
  if (!event) return;
  const count = others.filter((it) => isSame(it, event)).length;
  const toast = { id: event.id, event, count, more: more + others.length - count };
  toasts.value = [...toasts.peek(), toast].slice(-MOST);
}

function isSame(a: StreamEvent, b: StreamEvent): boolean {
  return a.type === b.type && a.username === b.username && a.boardId === b.boardId;
}

effect(() => {
  if (user.value !== undefined && waiting.length > 0) showSoon();
});
