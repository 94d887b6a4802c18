import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { keep, onKeptElsewhere, recall } from '../storage';
import type { StreamEvent } from '../stream/event';
import { dropAfter, type KeptNotice, mergeNotices, toNotice } from './reducer';
import { user } from './session';

/** What happened, for a list of it. */
export interface Notice extends KeptNotice {
  /** One did it oneself. */
  mine: boolean;
}

const NOTICES = 'dotcast.notices';
const READ = 'dotcast.read';
const TOASTS = 4;

const kept = signal<KeptNotice[]>(recallNotices());
/** The newest event that was there when the list was last looked at. */
const readThrough = signal(recallRead());
const fresh = signal<KeptNotice[]>([]);

/** Newest first; kept over reloads and shared by all tabs. */
export const notices: ReadonlySignal<Notice[]> = computed(() => kept.value.map(withOwner));

/** Those to show now, newest last: what others do while one is here. Each stays until dismissed. */
export const toasts: ReadonlySignal<Notice[]> = computed(() =>
  // Until it is known who is here, nothing is known to be of others.
  user.value === undefined
    ? []
    : fresh.value
        .map(withOwner)
        .filter((it) => !it.mine)
        .slice(-TOASTS),
);

/** How many of others' notices came since {@link markRead}. */
export const unread: ReadonlySignal<number> = computed(
  () => notices.value.filter((it) => it.id > readThrough.value && !it.mine).length,
);

/** Takes a toast away. */
export function dismiss(id: number): void {
  fresh.value = fresh.value.filter((it) => it.id !== id);
}

export function markRead(): void {
  const newest = kept.value[0]?.id ?? 0;
  if (newest > readThrough.value) keepRead(newest);
}

/** Notes an event. */
export function note(event: StreamEvent, whileAway: boolean): void {
  const notice = toNotice(event, Date.now(), whileAway);
  keepNotices([notice]);
  // More than these are never shown; a few more are kept as some may be one's own.
  if (!whileAway) fresh.value = [...fresh.value, notice].slice(-TOASTS * 4);
}

/** Forgets what was noted of a log that has gone back to `id`. */
export function forgetAfter(id: number): void {
  kept.value = dropAfter(kept.value, id);
  fresh.value = dropAfter(fresh.value, id);
  keep(NOTICES, kept.value);
  keepRead(Math.min(readThrough.value, id));
}

/** Follows what other tabs note and mark as read. */
export function shareNotices(): void {
  onKeptElsewhere(NOTICES, () => {
    kept.value = recallNotices();
  });
  onKeptElsewhere(READ, () => {
    readThrough.value = recallRead();
  });
}

function withOwner(notice: KeptNotice): Notice {
  return { ...notice, mine: notice.username === user.value?.username };
}

function keepNotices(added: KeptNotice[]): void {
  // What another tab has noted first stays as it is.
  kept.value = mergeNotices(recallNotices(), mergeNotices(kept.value, added));
  keep(NOTICES, kept.value);
}

function keepRead(id: number): void {
  readThrough.value = id;
  keep(READ, id);
}

function recallNotices(): KeptNotice[] {
  const notices = recall(NOTICES);
  return Array.isArray(notices) ? notices : [];
}

function recallRead(): number {
  return Number(recall(READ) ?? 0);
}
