import type { Drawing } from '../../rules/drawing';

/** One thing that somebody has done on a board, in terms of what it came from and led to. */
export interface Step {
  /** The line being drawn, before and after. */
  readonly before: Drawing | null;
  readonly after: Drawing | null;
  /** Finished lines that came and went. */
  readonly added: readonly Drawing[];
  readonly removed: readonly Drawing[];
}

/** What can be undone, and what of it was undone and can be done again; in both the last is the next. */
export interface History {
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
}

/** A way through the history: what to do now, and where one is then. */
export interface Turn {
  step: Step;
  history: History;
}

export const NO_HISTORY: History = { done: [], undone: [] };

/** Upper bound on the steps that can be undone. */
export const LONGEST_HISTORY = 200;

/** Something new was done: what was undone before it cannot be done again. A step that changes nothing is none. */
export function did(history: History, step: Step): History {
  const changes = step.before !== step.after || step.added.length + step.removed.length > 0;
  if (!changes) return history;
  return { done: [...history.done, step].slice(-LONGEST_HISTORY), undone: [] };
}

/** Takes the last step back; null if there is none. */
export function undo({ done, undone }: History): Turn | null {
  const step = done.at(-1);
  if (!step) return null;
  return { step: opposite(step), history: { done: done.slice(0, -1), undone: [...undone, step] } };
}

/** Does again what was undone last; null if there is nothing. */
export function redo({ done, undone }: History): Turn | null {
  const step = undone.at(-1);
  if (!step) return null;
  return { step, history: { done: [...done, step], undone: undone.slice(0, -1) } };
}

/** The step that leads back. */
function opposite({ before, after, added, removed }: Step): Step {
  return { before: after, after: before, added: removed, removed: added };
}
