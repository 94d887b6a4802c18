import { useSignal } from '@preact/signals';
import { t } from '../../language/texts';
import type { Difficulty } from '../../puzzle/generate';
import { Field } from '../../ui/Field';
import type { UsePuzzle } from './usePuzzle';

const DIFFICULTIES: readonly Difficulty[] = ['easy', 'medium', 'hard'];

/** Has the dots of a board made up that can be solved. */
export function MakeUp({ puzzle }: { puzzle: UsePuzzle }) {
  const texts = t().editor;
  const difficulty = useSignal<Difficulty>('medium');
  return (
    <fieldset class="make-up">
      <legend class="field-label">{texts.makeUp}</legend>
      <Field label={texts.difficulty}>
        {(control) => (
          <select
            {...control}
            value={difficulty.value}
            onChange={(event) => {
              difficulty.value = event.currentTarget.value as Difficulty;
            }}
          >
            {DIFFICULTIES.map((value) => (
              <option key={value} value={value}>
                {texts[value]}
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
          {puzzle.replaced.value ? texts.makeUpAnother : texts.makeUpOne}
        </button>
        {puzzle.replaced.value && (
          <button type="button" class="button plain small" onClick={puzzle.putBack}>
            {texts.putBack}
          </button>
        )}
      </div>
      {puzzle.failed.value && <p role="alert">{texts.makeUpFailed}</p>}
    </fieldset>
  );
}
