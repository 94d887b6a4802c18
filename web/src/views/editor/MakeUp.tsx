import { useSignal } from '@preact/signals';
import type { Difficulty } from '../../puzzle/generate';
import { Field } from '../../ui/Field';
import type { UsePuzzle } from './usePuzzle';

const DIFFICULTIES: Record<Difficulty, string> = {
  easy: 'Easy: many short lines',
  medium: 'Medium',
  hard: 'Hard: few long lines',
};

/** Has the dots of a board made up that can be solved. */
export function MakeUp({ puzzle }: { puzzle: UsePuzzle }) {
  const difficulty = useSignal<Difficulty>('medium');
  return (
    <fieldset class="make-up">
      <legend class="field-label">Let the page place them</legend>
      <Field label="Difficulty">
        {(control) => (
          <select
            {...control}
            value={difficulty.value}
            onChange={(event) => {
              difficulty.value = event.currentTarget.value as Difficulty;
            }}
          >
            {Object.entries(DIFFICULTIES).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div class="actions">
        <button
          type="button"
          class="button plain small"
          aria-disabled={puzzle.isBusy.value}
          onClick={() => puzzle.makeUp(difficulty.value)}
        >
          {puzzle.replaced.value ? 'Make up another' : 'Make up a board'}
        </button>
        {puzzle.replaced.value && (
          <button type="button" class="button plain small" onClick={puzzle.putBack}>
            Put mine back
          </button>
        )}
      </div>
      {puzzle.failed.value && <p role="alert">That did not work in this browser.</p>}
    </fieldset>
  );
}
