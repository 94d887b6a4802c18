import { computed, signal } from '@preact/signals';
import { inWords } from '../api/problem';

/** How long a deletion can be taken back, in milliseconds. */
const UNDO_TIME = 8000;

interface Doomed {
  kind: 'board' | 'path';
  /** What goes together, and comes back together. */
  ids: readonly number[];
  /** That it was deleted, in the language that is shown. */
  deleted(): string;
  /** That it is still there. */
  kept(): string;
  /** Has the server delete one of them. */
  act(id: number): Promise<void>;
}

/** What is not shown any more, and has not been deleted yet: what can be taken back, and what is on its way. */
const hidden = signal<readonly Doomed[]>([]);

/** What can be taken back. */
export const undoable = signal<Doomed | null>(null);

/** Why the last deletion has failed, in the language that is shown; what it was for is shown again. */
export const deletionFault = signal<(() => string) | null>(null);

let timer: ReturnType<typeof setTimeout> | undefined;

const idsOf = (kind: Doomed['kind']) =>
  computed(
    () => new Set(hidden.value.filter((it) => it.kind === kind).flatMap((it) => [...it.ids])),
  );

/** Paths and boards that are not to be shown. */
export const hiddenPaths = idsOf('path');
export const hiddenBoards = idsOf('board');

/** Hides something, and deletes it when that can no longer be taken back. One deletion at a time can be. */
export function deleteSoon(doomed: Doomed): void {
  deleteNow();
  deletionFault.value = null;
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

/** Takes back only what the last deletion does to one of several. False if that was not about to be deleted. */
export function spare(kind: Doomed['kind'], id: number): boolean {
  const doomed = undoable.value;
  if (doomed?.kind !== kind || !doomed.ids.includes(id)) return false;
  if (doomed.ids.length === 1) {
    undoDeletion();
    return true;
  }
  const rest = { ...doomed, ids: doomed.ids.filter((it) => it !== id) };
  hidden.value = hidden.value.map((it) => (it === doomed ? rest : it));
  undoable.value = rest;
  return true;
}

/** Deletes what could still be taken back. Resolves when the server has answered. */
export async function deleteNow(): Promise<void> {
  const doomed = undoable.value;
  if (!doomed) return;
  forget();
  // All at once: a page that is left has no time to send one after the other.
  const results = await Promise.allSettled(doomed.ids.map((id) => doomed.act(id)));
  const failed = results.find((it) => it.status === 'rejected');
  if (failed) deletionFault.value = () => `${doomed.kept()} ${inWords(failed.reason)}`;
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
