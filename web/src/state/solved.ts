import { signal } from '@preact/signals';

/**
 * How far the moment is in which a board was solved before one's eyes: `new`, then `shown`, and `over` when one has
 * left the board. A board that was solved earlier has none.
 */
type Moment = 'new' | 'shown' | 'over';

const moments = signal<ReadonlyMap<number, Moment>>(new Map());

export const momentOf = (boardId: number): Moment | null => moments.value.get(boardId) ?? null;

/** A board was solved just now. Told again, as when what a guest did is counted, it is the same moment. */
export function solvedJustNow(boardId: number): void {
  const moment = moments.peek().get(boardId);
  if (!moment) put(boardId, 'new');
  else if (moment === 'over') put(boardId, 'shown');
}

/** It has been celebrated. */
export function momentWasShown(boardId: number): void {
  put(boardId, 'shown');
}

/** One has left the board. */
export function momentIsOver(boardId: number): void {
  if (moments.peek().has(boardId)) put(boardId, 'over');
}

/** The board is not solved, or no longer: solving it is another moment. */
export function forgetMoment(boardId: number): void {
  if (!moments.peek().has(boardId)) return;
  const next = new Map(moments.peek());
  next.delete(boardId);
  moments.value = next;
}

function put(boardId: number, moment: Moment): void {
  moments.value = new Map(moments.peek()).set(boardId, moment);
}
