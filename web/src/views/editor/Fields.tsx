import { NAME_MAX, SIDE } from '../../rules/board';
import { Field } from '../../ui/Field';
import { MakeUp } from './MakeUp';
import { Palette } from './Palette';
import type { UseEditor } from './useEditor';
import type { UsePuzzle } from './usePuzzle';

/** Colour, name and size. */
export function Fields({ editor, puzzle }: { editor: UseEditor; puzzle: UsePuzzle }) {
  const draft = editor.draft.value;
  const nameMissing =
    editor.tried.value && draft.name.trim() === '' ? 'Give the board a name.' : undefined;
  return (
    <div class="panel editor-form">
      {/* Next to the grid, also where that is above. */}
      <Palette editor={editor} />
      <Field label="Name" error={editor.fieldError('name', 'The name') ?? nameMissing}>
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
        <Side editor={editor} field="rows" label="Rows" />
        <Side editor={editor} field="cols" label="Columns" />
      </div>
      <MakeUp puzzle={puzzle} />
    </div>
  );
}

function Side({
  editor,
  field,
  label,
}: {
  editor: UseEditor;
  field: 'rows' | 'cols';
  label: string;
}) {
  const value = editor.draft.value[field];
  const isWrong = editor.reasons.some((it) => it.startsWith(label));
  return (
    <Field
      label={label}
      error={
        editor.fieldError(field, label) ?? (isWrong ? `${SIDE.min} to ${SIDE.max}` : undefined)
      }
    >
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
