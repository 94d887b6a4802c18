import { useEffect } from 'preact/hooks';
import type { Board } from '../../api/client';
import { progress } from '../../rules/path';
import { user } from '../../state/session';
import { forgetMoment, momentIsOver, momentOf, momentWasShown } from '../../state/solved';
import type { Finished } from './useLines';

/** How long it is celebrated that a board is solved, in milliseconds. */
const CELEBRATION = 900;

/** Whether a board is solved: by what the server says, or without an account by the lines that one has drawn. */
export function useSolved(board: Board, lines: readonly Finished[]) {
  const { id } = board;
  const isComplete = progress(board.dots, lines) === 'complete';
  const isSolved = user.value ? board.solved === true : isComplete;
  const moment = momentOf(id);
  const celebrates = moment === 'new' && isSolved;

  // Not while lines that solve it wait to be counted.
  const mayBeSolved = isSolved || isComplete;
  useEffect(() => {
    if (!mayBeSolved) forgetMoment(id);
  }, [id, mayBeSolved]);

  useEffect(() => {
    if (!celebrates) return;
    const timer = setTimeout(() => momentWasShown(id), CELEBRATION);
    return () => clearTimeout(timer);
  }, [id, celebrates]);

  useEffect(() => () => momentIsOver(id), [id]);

  return { isSolved, celebrates, isNews: isSolved && (moment === 'new' || moment === 'shown') };
}

export type Solved = ReturnType<typeof useSolved>;
