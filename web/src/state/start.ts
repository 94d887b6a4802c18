import { effect } from '@preact/signals';
import { api } from '../api/client';
import { backoff } from '../stream/backoff';
import { keptCursor } from '../stream/cursor';
import { Follower } from '../stream/follower';
import { SharedStream } from '../stream/shared';
import { applyToOpenBoard, refresh, repairBoard } from './board';
import { applyToBoards, listCursor, loadBoards, readBoards, repairBoards } from './boards';
import { lastReset, type Status, status } from './connection';
import { inbox } from './inbox';
import { forgetAfter, note, shareNotices } from './notifications';
import { loadSession, user, watchSession } from './session';

/** Wires session, boards, notifications and the event stream. To be called once. */
export async function start(): Promise<void> {
  watchSession();
  shareNotices();
  // The list says from where on to follow it.
  await loadBoards();
  follow(keptCursor.read() ?? listCursor());
  effect(() => {
    if (status.value === 'live') repair();
  });
  effect(() => {
    // Whose paths are shown depends on who is signed in.
    if (user.value !== undefined) refresh();
  });
}

/** Reads what could not be read while there was no connection. */
function repair(): void {
  repairBoards();
  repairBoard();
  if (user.peek() === undefined) loadSession();
}

function follow(after: number | null): void {
  let failures = 0;
  if (after !== null) keptCursor.advance(after);
  const follower = new Follower({
    after,
    queue: inbox,
    readLog: api.listEvents,
    apply(event) {
      note(event, event.id <= (listCursor() ?? 0));
      applyToBoards(event);
      applyToOpenBoard(event);
    },
    moved(id, reset) {
      failures = 0;
      if (reset && reset.reason !== 'expired') {
        keptCursor.goBack(id);
        forgetAfter(id);
      } else {
        keptCursor.advance(id);
      }
    },
    async reset({ reason }) {
      lastReset.value = { reason, at: Date.now() };
      await readBoards();
      await refresh();
    },
    fellBehind() {
      setTimeout(() => stream.wake(), backoff(failures));
      failures += 1;
    },
  });
  const onStatus = (now: Status) => {
    status.value = now;
  };
  const stream = new SharedStream(follower, onStatus, api.isLogRefused);
  stream.start();
  followAsUser(stream);
}

/** Opens a stream that is for users only when somebody signs in. */
function followAsUser(stream: SharedStream): void {
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
