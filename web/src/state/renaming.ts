import { backoff, type EventData } from '@dotcast/stream';
import { renameActivity } from './activity';
import { refresh } from './board';
import { isListOutdated, readBoards } from './boards';
import { nameErased } from './erasure';
import { readFound } from './found';
import { inbox } from './inbox';
import { renameNotifications } from './notifications';
import { paced } from './pace';
import { user } from './session';
import { renameToasts } from './toasts';

/** Shows a pseudonym in place of a name that was erased. Events say so themselves; boards are read again. */
export function followErasure(erasure: EventData['userErased']): void {
  nameErased(erasure);
  renameActivity();
  renameToasts();
  renameNotifications();
  // All sessions of that user have ended.
  if (user.peek()?.id === erasure.user_id) user.value = null;
  readBoardsSoon();
}

/** Least time between two rounds of reading boards, in milliseconds: an erasure may be many events. */
const GATHER = 1000;

const readBoardsSoon = paced(readAllBoards, GATHER);
let failures = 0;

/** Reads all boards that are shown, until that has worked: every page does at this moment, and the server may be busy. */
async function readAllBoards(): Promise<void> {
  await inbox.run(async () => {
    await Promise.all([readBoards(), readFound()]);
  });
  if ((await refresh()) && !isListOutdated()) {
    failures = 0;
    return;
  }
  setTimeout(readBoardsSoon, backoff(failures));
  failures += 1;
}
