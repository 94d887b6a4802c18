import type { Dot } from '../../api/client';
import type { Verdict } from '../../puzzle/solve';
import { colorName, lettersOf } from '../../ui/grid/colors';
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
  switch (verdict.state) {
    case 'solvable':
      return 'This board can be solved.';
    case 'unknown':
      return 'Whether this board can be solved would take too long to find out.';
    case 'unsolvable': {
      if (!verdict.crossing) return 'This board cannot be solved: lines would have to cross.';
      const letters = lettersOf(dots);
      const [one, other] = verdict.crossing.map(
        (color) => `${colorName(color)} ${letters.get(color)}`,
      );
      return `This board cannot be solved: the lines of ${one} and ${other} would have to cross.`;
    }
  }
}
