import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { BoardDraft, Dot } from '../../api/client';
import { ask } from '../../puzzle/ask';
import type { Difficulty } from '../../puzzle/generate';
import type { Verdict } from '../../puzzle/solve';
import { checkBoard } from '../../rules/board';
import { PALETTE } from '../../ui/grid/colors';
import type { UseEditor } from './useEditor';

/** A pause in editing before the dots are judged, in milliseconds. */
const PAUSE = 400;

/** A draft as a puzzle: whether it can be solved, and one that is made up. */
export function usePuzzle({ draft, size, put }: UseEditor) {
  const verdict = useSignal<Verdict | null>(null);
  /** The dots that a made-up board has replaced. */
  const replaced = useSignal<readonly Dot[] | null>(null);
  const isBusy = useSignal(false);
  const failed = useSignal(false);
  const { rows, cols, dots } = draft.value;

  useEffect(() => {
    verdict.value = null;
    if (!isPuzzle(draft.value)) return;
    const end = new AbortController();
    const timer = setTimeout(async () => {
      const answer = await ask({ kind: 'solve', puzzle: { rows, cols, dots } }, end.signal).catch(
        () => null,
      );
      // Without an answer nothing is said; a board that cannot be solved may be saved all the same.
      if (!end.signal.aborted) verdict.value = answer?.verdict ?? null;
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      end.abort();
    };
  }, [rows, cols, dots]);

  const makeUp = async (difficulty: Difficulty) => {
    if (isBusy.value) return;
    isBusy.value = true;
    const colors = PALETTE.map((it) => it.color);
    const question = { kind: 'generate' as const, ...size, difficulty, colors };
    try {
      const made = await ask(question, new AbortController().signal);
      replaced.value ??= draft.value.dots;
      put({ ...draft.value, ...size, dots: made.dots });
      failed.value = false;
    } catch {
      failed.value = true;
    } finally {
      isBusy.value = false;
    }
  };

  const putBack = () => {
    put({ ...draft.value, dots: [...(replaced.value ?? [])] });
    replaced.value = null;
  };

  return { verdict, replaced, isBusy, failed, makeUp, putBack };
}

export type UsePuzzle = ReturnType<typeof usePuzzle>;

/** Whether there is anything to solve, and nothing is wrong with it but perhaps its name. */
function isPuzzle(draft: BoardDraft): boolean {
  return draft.dots.length > 0 && checkBoard({ ...draft, name: 'x' }).length === 0;
}
