import { backoff, type EventStream, follow as followStream } from '@dotcast/stream';
import { effect } from '@preact/signals';
import { applyToActivity, away, forgetActivityAfter, loadActivity } from './activity';
import { applyToOpenBoard, openBoard, refresh, repairBoard } from './board';
import { applyToBoards, listCursor, loadBoards, readBoards, repairBoards } from './boards';
import { lastReset, status } from './connection';
import { keptCursor } from './cursor';
import { fromStream, type StreamEvent } from './event';
import { readFound } from './found';
import { inbox } from './inbox';
import { notify, startNotifications, unnotifyAfter } from './notifications';
import { onceAFrame } from './pace';
import { applyToProgress, forgetPaths, knowPaths } from './progress';
import { followErasure } from './renaming';
import { sendLines } from './sending';
import { loadSession, user, watchSession, whoIsSignedIn } from './session';
import { announce, unannounceAfter } from './toasts';
import { countNews, shareUnread, uncountAfter } from './unread';

/**
 * Wires session, boards, activity and the event stream. To be called once. `open` shows what somebody wants to see who
 * has clicked a notification of it.
 */
export async function start(open: (event: StreamEvent) => void): Promise<void> {
  watchSession();
  shareUnread();
  // The list says from where on to follow it. Whose news are one's own depends on who is signed in.
  await Promise.all([loadBoards(), whoIsSignedIn()]);
  follow(keptCursor.read() ?? listCursor(), open);
  effect(() => {
    if (status.value === 'live') repair();
  });
  let before = user.peek();
  effect(() => {
    // Whose paths are shown depends on who is signed in, and what one has solved.
    const now = user.value;
    if (now === undefined) return;
    refresh();
    if (before !== undefined && before?.id !== now?.id) {
      forgetPaths();
      loadBoards();
    }
    before = now;
  });
  effect(() => {
    const now = openBoard.value;
    if (now.state === 'ready' && user.peek()) knowPaths(now.board.id, now.paths);
  });
  effect(() => {
    if (user.value) sendLines();
  });
}

/** Reads what could not be read while there was no connection. */
function repair(): void {
  repairBoards();
  repairBoard();
  loadActivity();
  sendLines();
  if (user.peek() === undefined) loadSession();
}

function follow(after: number | null, open: (event: StreamEvent) => void): void {
  const listed = listCursor();
  if (after !== null) {
    keptCursor.advance(after);
    countNews([], after);
  }
  away.value = { after: after ?? 0, through: listed ?? 0 };

  let came: StreamEvent[] = [];
  let reached: number | null = null;
  /** However many events a frame brings, they are shown and stored once. */
  const frame = onceAFrame(() => {
    const events = came;
    came = [];
    countNews(events, reached ?? 0);
    // What had happened before the list was read is over: nobody needs to be told at once.
    const live = events.filter((it) => it.id > (listCursor() ?? 0));
    announce(live);
    notify(live);
    applyToActivity(events);
    applyToBoards(events);
    applyToOpenBoard(events);
    applyToProgress(events);
    if (reached !== null) keptCursor.advance(reached);
  });

  const stream = followStream({
    after,
    // The list has what happened up to there: these events are many, perhaps, and change nothing else.
    through: listed,
    // What the events act on is read in this queue, too: they wait until it is there.
    queue: inbox,
    onEvent(event) {
      if (event.type === 'userErased') {
        frame.now();
        followErasure(event.data);
        return;
      }
      came.push(fromStream(event));
      frame.soon();
    },
    onPosition(id) {
      reached = id;
      frame.soon();
    },
    async onReset({ reason, from }) {
      frame.now();
      reached = from;
      if (reason !== 'expired') {
        keptCursor.goBack(from);
        uncountAfter(from);
        unannounceAfter(from);
        unnotifyAfter(from);
        forgetActivityAfter(from);
      }
      lastReset.value = { reason, at: Date.now() };
      await Promise.all([readBoards(), readFound(), loadActivity()]);
      await refresh();
    },
    onStatus(now) {
      if (now !== 'refused') status.value = now;
    },
  });
  startNotifications({ leads: () => stream.leads, open });
  followAsUser(stream);
}

/** Opens a stream that is for users only when somebody signs in. */
function followAsUser(stream: EventStream): void {
  let refusals = 0;
  effect(() => {
    if (status.value === 'signed-out') loadSession();
    if (status.value === 'live') refusals = 0;
  });
  effect(() => {
    if (status.value !== 'signed-out' || !user.value) return;
    // At once, but not again and again.
    const pause = refusals === 0 ? 0 : backoff(refusals);
    refusals += 1;
    const timer = setTimeout(() => stream.wake(), pause);
    return () => clearTimeout(timer);
  });
}
