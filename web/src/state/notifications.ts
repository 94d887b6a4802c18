import { effect, signal } from '@preact/signals';
import { t } from '../language/texts';
import { oneOf, Setting } from '../setting';
import { underPresentName } from './erasure';
import type { StreamEvent } from './event';
import { isNews } from './news';
import { paced } from './pace';
import { user } from './session';

/** Whether the browser shows notifications for this page, and why not. */
export type Permission = 'granted' | 'denied' | 'unasked' | 'insecure' | 'unsupported';

/** Whether one wants the browser to tell what happens while one looks at something else. */
export const notifies = new Setting<boolean>('dotcast.notifies', oneOf(true, false), () => false);

export const permission = signal<Permission>(readPermission());

/** Least time between two notifications, in milliseconds. */
const SPACING = 5000;
/** Upper bound on the events that wait for the next notification: what it says of more is only that there are many. */
const MOST_WAITING = 500;
/** A notification takes the place of the one before it. */
const TAG = 'dotcast';
/** A lock that tabs share while they are to be seen. */
const SEEN = 'dotcast.seen';

interface Wiring {
  /** Whether this tab is the one that has the event stream: one tab notifies, not each. */
  leads(): boolean;
  /** Shows what somebody who has clicked a notification wants to see. */
  open(event: StreamEvent): void;
}

let wiring: Wiring | undefined;
let waiting: StreamEvent[] = [];
/** The last notification, which may still be shown, and of what it tells. */
let shown: { event: StreamEvent; notification: Notification } | null = null;

const showSoon = paced(show, SPACING);

/** Begins to notify. To be called once. */
export function startNotifications(how: Wiring): void {
  wiring = how;
  // It can also be changed in the browser's own settings. Where that is not told, it is read when one turns them on.
  navigator.permissions?.query({ name: 'notifications' }).then(
    (status) => status.addEventListener('change', refreshPermission),
    () => {},
  );
  document.addEventListener('visibilitychange', holdWhileSeen);
  // Only where it is of use: browsers keep no page for going back to that holds a lock.
  effect(holdWhileSeen);
}

/** Notifies of events, which come in order, if nobody looks at the page. Those that come close together share one. */
export async function notify(events: readonly StreamEvent[]): Promise<void> {
  if (!notifies.value || permission.value !== 'granted' || !wiring?.leads()) return;
  const news = events.filter(isNews);
  if (news.length === 0 || (await isSeenAnywhere())) return;
  waiting = [...waiting, ...news].slice(-MOST_WAITING);
  showSoon();
}

/**
 * Turns notifications on, for which the browser asks the visitor. To be called when a button is pressed: browsers
 * ignore pages that ask by themselves.
 */
export async function turnOn(): Promise<void> {
  refreshPermission();
  if (permission.value === 'unasked') {
    await Notification.requestPermission();
    refreshPermission();
  }
  if (permission.value !== 'granted') return;
  try {
    // Browsers of phones have the type and do not let pages make one.
    new Notification(t().settings.notifiesNow, { tag: TAG, silent: true }).close();
    notifies.choose(true);
  } catch {
    permission.value = 'unsupported';
  }
}

/** Forgets what waits of a log that has gone back to `id`. */
export function unnotifyAfter(id: number): void {
  waiting = waiting.filter((it) => it.id <= id);
}

/** Has nobody told of by a name that was erased. */
export function renameNotifications(): void {
  waiting = waiting.map(underPresentName);
  // Its text cannot be changed.
  if (shown && underPresentName(shown.event) !== shown.event) shown.notification.close();
}

async function show(): Promise<void> {
  const news = user.peek() === undefined ? [] : waiting.filter(isNews);
  waiting = [];
  const event = news.at(-1);
  // Somebody may have come back meanwhile.
  if (!event || (await isSeenAnywhere())) return;
  const texts = t().activity;
  // What the board is called is anybody's, and may look like a pattern.
  const deed = texts.deeds[event.type](event.username, 1).replace('{board}', () => event.boardName);
  const more = news.length - 1;
  try {
    const notification = new Notification(more > 0 ? texts.andMore(deed, more) : deed, {
      tag: TAG,
      lang: document.documentElement.lang,
      icon: '/icon-192.png',
    });
    shown = { event, notification };
    notification.onclick = () => {
      notification.close();
      focus();
      wiring?.open(event);
    };
  } catch {
    permission.value = 'unsupported';
  }
}

function readPermission(): Permission {
  if (!globalThis.isSecureContext) return 'insecure';
  if (!('Notification' in globalThis)) return 'unsupported';
  return Notification.permission === 'default' ? 'unasked' : Notification.permission;
}

function refreshPermission(): void {
  permission.value = readPermission();
}

function isSeen(): boolean {
  return document.visibilityState === 'visible';
}

/** Whether this or another tab is to be seen. */
async function isSeenAnywhere(): Promise<boolean> {
  // Locks are there wherever notifications are.
  const locks = isSeen() ? null : await navigator.locks?.query();
  return isSeen() || Boolean(locks?.held?.some((it) => it.name === SEEN));
}

let held = new AbortController();

/** Holds the lock, together with other tabs, until this one is hidden. It also ends with the tab, however that ends. */
function holdWhileSeen(): void {
  held.abort();
  if (!notifies.value || !isSeen()) return;
  held = new AbortController();
  const { signal } = held;
  const untilHidden = () =>
    new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve());
    });
  // One that is still waited for is given up by an error.
  navigator.locks?.request(SEEN, { mode: 'shared', signal }, untilHidden).catch(() => {});
}
