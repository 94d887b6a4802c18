import { t } from '../../language/texts';
import { NAME_MAX, SIDE } from '../../rules/board';
import { Field } from '../../ui/Field';
import { MakeUp } from './MakeUp';
import { Palette } from './Palette';
import type { UseEditor } from './useEditor';
import type { UsePuzzle } from './usePuzzle';

/** Colour, name and size. */
export function Fields({ editor, puzzle }: { editor: UseEditor; puzzle: UsePuzzle }) {
  const texts = t().editor;
  const draft = editor.draft.value;
  const nameMissing =
    editor.tried.value && draft.name.trim() === '' ? texts.nameMissing : undefined;
  return (
    <div class="panel editor-form">
      {/* Next to the grid, also where that is above. */}
      <Palette editor={editor} />
      <Field label={texts.name} error={editor.fieldError('name') ?? nameMissing}>
        {(control) => (
          <input
            {...control}
            type="text"
            value={draft.name}
            autocomplete="off"
            // Twice, as a character may take two places in a string.
            maxLength={NAME_MAX * 2}
            onInput={(event) => editor.change({ name: event.currentTarget.value })}
          />
        )}
      </Field>
      <div class="sizes">
        <Side editor={editor} field="rows" />
        <Side editor={editor} field="cols" />
      </div>
      <MakeUp puzzle={puzzle} />
    </div>
  );
}

function Side({ editor, field }: { editor: UseEditor; field: 'rows' | 'cols' }) {
  const texts = t().editor;
  const value = editor.draft.value[field];
  const isWrong = editor.reasons.some((it) => it.about === field);
  const range = isWrong ? texts.sideRange(SIDE.min, SIDE.max) : undefined;
  return (
    <Field label={texts[field]} error={editor.fieldError(field) ?? range}>
      {(control) => (
        <input
          {...control}
          type="number"
          inputMode="numeric"
          min={SIDE.min}
          max={SIDE.max}
          step={1}
          value={Number.isNaN(value) ? '' : value}
          onInput={(event) => editor.change({ [field]: event.currentTarget.valueAsNumber })}
        />
      )}
    </Field>
  );
}
