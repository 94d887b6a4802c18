import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { keep, onKeptElsewhere, recall } from '../storage';
import type { StreamEvent } from './event';
import { isNews, muted } from './news';

/** How far this browser's visitor knows the log; kept over reloads and shared by all tabs. */
interface Mark {
  /** The newest event that was there when the activity was last looked at. */
  read: number;
  /** The newest event that was counted. */
  counted: number;
  /** How many between the two others did. */
  unread: number;
}

const KEY = 'dotcast.read';

const mark = signal<Mark | null>(recallMark());

/** How many things others did since {@link markRead} of which one wants to be told. */
export const unread: ReadonlySignal<number> = computed(() =>
  muted.value ? 0 : (mark.value?.unread ?? 0),
);

/** The newest event that was there when the activity was last looked at; null before the first visit. */
export const readThrough: ReadonlySignal<number | null> = computed(() => mark.value?.read ?? null);

/**
 * Counts events up to `reached`, which come in order and may have been counted by another tab. On the first visit
 * nothing is news that happened before.
 */
export function countNews(events: readonly StreamEvent[], reached: number): void {
  const start = (events[0]?.id ?? reached + 1) - 1;
  // Another tab may have counted further.
  const now = recallMark() ?? mark.value ?? { read: start, counted: start, unread: 0 };
  const news = events.filter((it) => it.id > now.counted);
  const last = news.at(-1);
  if (!last && mark.value) return;
  const wanted = news.filter(isNews).length;
  put({ ...now, counted: last?.id ?? now.counted, unread: now.unread + wanted });
}

/** All that was counted is known now. Returns how many of it were unread. */
export function markRead(): number {
  const now = mark.value;
  if (!now || now.read === now.counted) return 0;
  put({ ...now, read: now.counted, unread: 0 });
  return now.unread;
}

/** Forgets what was counted of a log that has gone back to `id`. */
export function uncountAfter(id: number): void {
  const now = mark.value;
  if (!now || now.counted <= id) return;
  put({ read: Math.min(now.read, id), counted: id, unread: 0 });
}

/** Follows what other tabs count and mark as read. */
export function shareUnread(): void {
  onKeptElsewhere(KEY, () => {
    mark.value = recallMark();
  });
}

function put(next: Mark): void {
  mark.value = next;
  keep(KEY, next);
}

function recallMark(): Mark | null {
  const { read, counted, unread } = (recall(KEY) ?? {}) as Partial<Record<keyof Mark, unknown>>;
  const isMark = [read, counted, unread].every(Number.isSafeInteger);
  return isMark ? ({ read, counted, unread } as Mark) : null;
}
