import { computed, signal } from '@preact/signals';
import { inWords } from '../api/problem';

/** So long a deletion can be taken back, in milliseconds. */
const UNDO_TIME = 8000;

interface Doomed {
  kind: 'board' | 'path';
  id: number;
  /** What goes, in words. */
  words: string;
  /** Has the server delete it. */
  act(): Promise<void>;
}

/** What is not shown any more, and has not been deleted yet: what can be taken back, and what is on its way. */
const hidden = signal<readonly Doomed[]>([]);

/** What can be taken back. */
export const undoable = signal<Doomed | null>(null);

/** Why the last deletion has failed; what it was for is shown again. */
export const deletionFault = signal('');

let timer: ReturnType<typeof setTimeout> | undefined;

const idsOf = (kind: Doomed['kind']) =>
  computed(() => new Set(hidden.value.filter((it) => it.kind === kind).map((it) => it.id)));

/** Paths and boards that are not to be shown. */
export const hiddenPaths = idsOf('path');
export const hiddenBoards = idsOf('board');

/** Hides something, and deletes it when that can no longer be taken back. One deletion at a time can be. */
export function deleteSoon(doomed: Doomed): void {
  deleteNow();
  deletionFault.value = '';
  hidden.value = [...hidden.value, doomed];
  undoable.value = doomed;
  timer = setTimeout(deleteNow, UNDO_TIME);
}

/** Takes the last deletion back. */
export function undoDeletion(): void {
  const doomed = undoable.value;
  if (!doomed) return;
  forget();
  show(doomed);
}

/** Deletes what could still be taken back. Resolves when the server has answered. */
export async function deleteNow(): Promise<void> {
  const doomed = undoable.value;
  if (!doomed) return;
  forget();
  try {
    await doomed.act();
  } catch (error) {
    deletionFault.value = `${doomed.words} is still there. ${inWords(error)}`;
  }
  show(doomed);
}

function forget(): void {
  clearTimeout(timer);
  undoable.value = null;
}

function show(doomed: Doomed): void {
  hidden.value = hidden.value.filter((it) => it !== doomed);
}

// A page that is left takes nothing along that one wanted to be gone.
addEventListener('pagehide', deleteNow);
