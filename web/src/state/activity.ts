import { signal } from '@preact/signals';
import { api, type LoggedEvent } from '../api/client';
import type { Problem } from '../api/problem';
import { underPresentName } from './erasure';
import { type StreamEvent, toEvent } from './event';

/** Something that happened. */
export interface Happening extends StreamEvent {
  /** When, in milliseconds. */
  at: number;
}

export type Activity =
  | { state: 'loading' }
  | { state: 'error'; problem: Problem }
  | {
      state: 'ready';
      /** Newest first, without a gap. */
      items: Happening[];
      /** What is older than this event can be read; null if nothing is. */
      before: number | null;
      loadingMore: boolean;
      /** What {@link loadOlder} failed with. */
      problem: Problem | null;
    };

/** Upper bound on what a live list gathers. Older events that were loaded on request stay. */
const MOST = 500;
/** Above all ids. */
const END = Number.MAX_SAFE_INTEGER;

/** The newer end of the log, as the server has it; it follows the event stream while it is looked at. */
export const activity = signal<Activity>({ state: 'loading' });
/** The events between the last visit and this one, by id. */
export const away = signal({ after: 0, through: 0 });

let isOpen = false;
/** What came before the first page was there, newest first. */
let early: Happening[] = [];

/** Begins to follow, with what is there by now. */
export function openActivity(): void {
  isOpen = true;
  loadActivity();
}

export function closeActivity(): void {
  isOpen = false;
}

/**
 * Reads the newest events, if they are looked at. The stream does not say when its events happened; what came over it
 * after a cut did not happen just now.
 */
export async function loadActivity(): Promise<void> {
  if (!isOpen) return;
  try {
    const page = await read(END);
    const now = activity.peek();
    const items = now.state === 'ready' ? now.items : early;
    early = [];
    const [newest] = page.items;
    const oldest = page.items.at(-1);
    const newer = items.filter((it) => !newest || it.id > newest.id);
    const older = items.filter((it) => oldest && it.id < oldest.id);
    // Where nothing overlaps, something may be missing in between.
    const isJoined = now.state === 'ready' && older.length > 0 && older.length < items.length;
    activity.value = {
      state: 'ready',
      items: [...newer, ...page.items, ...(isJoined ? older : [])],
      before: isJoined ? now.before : page.before,
      loadingMore: false,
      problem: null,
    };
  } catch (error) {
    if (activity.peek().state !== 'ready')
      activity.value = { state: 'error', problem: error as Problem };
  }
}

/** Reads what is older than what is there. */
export async function loadOlder(): Promise<void> {
  const now = activity.peek();
  if (now.state !== 'ready' || now.loadingMore || now.before === null) return;
  activity.value = { ...now, loadingMore: true, problem: null };
  const page = await read(now.before).catch((error: Problem) => error);
  const then = activity.peek();
  if (then.state !== 'ready') return;
  if (page instanceof Error) activity.value = { ...then, loadingMore: false, problem: page };
  // It may have been read anew meanwhile.
  else if (then.before !== now.before) activity.value = { ...then, loadingMore: false };
  else {
    const items = [...then.items, ...page.items];
    activity.value = { ...then, items, before: page.before, loadingMore: false };
  }
}

/** What events that happen now do to the list. */
export function applyToActivity(events: readonly StreamEvent[]): void {
  if (!isOpen) return;
  const now = activity.peek();
  const known = now.state === 'ready' ? now.items : early;
  const newest = known[0]?.id ?? 0;
  const at = Date.now();
  const came = events.filter((it) => it.id > newest).map((it) => ({ ...it, at }));
  if (came.length === 0) return;
  const all = [...came.reverse(), ...known];
  if (now.state !== 'ready') {
    early = all.slice(0, MOST);
    return;
  }
  const items = all.slice(0, Math.max(MOST, now.items.length));
  const before = items.length < all.length ? (items.at(-1) as Happening).id : now.before;
  activity.value = { ...now, items, before };
}

/** Forgets what was shown of a log that has gone back to `id`. */
export function forgetActivityAfter(id: number): void {
  const now = activity.peek();
  if (now.state !== 'ready') return;
  activity.value = { ...now, items: now.items.filter((it) => it.id <= id) };
}

/** Shows the names that events have now. */
export function renameActivity(): void {
  const now = activity.peek();
  early = early.map(underPresentName);
  if (now.state === 'ready') activity.value = { ...now, items: now.items.map(underPresentName) };
}

async function read(before: number): Promise<{ items: Happening[]; before: number | null }> {
  const { items, next_before } = await api.listEventsBefore(before);
  return { items: items.flatMap(toHappening), before: next_before ?? null };
}

function toHappening({ id, type, data, created_at }: LoggedEvent): Happening[] {
  const event = toEvent(id, type, data);
  return event ? [{ ...event, at: Date.parse(created_at) }] : [];
}
