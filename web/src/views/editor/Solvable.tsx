import type { Dot } from '../../api/client';
import { t } from '../../language/texts';
import type { Verdict } from '../../puzzle/solve';
import { marksOf } from '../../ui/grid/colors';
import { letters as withLetters } from '../../ui/grid/letters';
import { nameIn } from './draft';
import type { UsePuzzle } from './usePuzzle';

/** Says whether all pairs of a board can be joined. */
export function Solvable({ puzzle, dots }: { puzzle: UsePuzzle; dots: readonly Dot[] }) {
  const verdict = puzzle.verdict.value;
  return (
    <p role="status" class={`solvable ${verdict?.state ?? ''}`}>
      {verdict && inWords(verdict, dots)}
    </p>
  );
}

function inWords(verdict: Verdict, dots: readonly Dot[]): string {
  const texts = t().editor;
  switch (verdict.state) {
    case 'solvable':
      return texts.solvable;
    case 'unknown':
      return texts.maybeSolvable;
    case 'unsolvable': {
      if (!verdict.crossing) return texts.unsolvable;
      const letters = marksOf(dots, withLetters.value);
      const [one, other] = verdict.crossing;
      return texts.unsolvablePairs(nameIn(letters, one), nameIn(letters, other));
    }
  }
}
