import { EVENT_TYPES, type EventType } from '@dotcast/stream';
import { useSignal } from '@preact/signals';
import { t } from '../../language/texts';
import { Field } from '../../ui/Field';
import type { Filter } from './raw';

interface Props {
  filter: Filter;
  onChange(filter: Filter): void;
}

/** What the stream is asked for. It is opened anew with each change. */
export function FilterForm({ filter, onChange }: Props) {
  const texts = t().log;
  const toggle = (type: EventType) => {
    const types = EVENT_TYPES.filter((it) => (it === type) !== filter.types.includes(it));
    onChange({ ...filter, types });
  };
  return (
    <form class="panel log-form" onSubmit={(event) => event.preventDefault()}>
      <fieldset>
        <legend class="field-label">{texts.types}</legend>
        <div class="checks">
          {EVENT_TYPES.map((type) => (
            <label key={type}>
              <input
                type="checkbox"
                checked={filter.types.includes(type)}
                onChange={() => toggle(type)}
              />
              {type}
            </label>
          ))}
        </div>
      </fieldset>
      <TextField
        label={texts.onlyBoards}
        value={filter.boardIds}
        read={(text) => text.match(/\d+/g)?.join(',') ?? ''}
        onChange={(boardIds) => onChange({ ...filter, boardIds })}
      />
      <TextField
        label={texts.since}
        hint={texts.sinceHint}
        value={filter.since}
        read={(text) => text.trim()}
        onChange={(since) => onChange({ ...filter, since })}
      />
      <TextField
        label={texts.resumeAfter}
        value={filter.after}
        read={(text) => text.replace(/\D/g, '')}
        onChange={(after) => onChange({ ...filter, after })}
      />
    </form>
  );
}

interface TextProps {
  label: string;
  hint?: string;
  value: string;
  /** What is taken of what was typed. */
  read(text: string): string;
  onChange(value: string): void;
}

/** Ids are text, too: they go up to 64 bits. */
function TextField({ label, hint, value, read, onChange }: TextProps) {
  // The form is shown anew with each event that comes, and must not take away what is being typed.
  const typed = useSignal(value);
  return (
    <Field label={label}>
      {(control) => (
        <input
          {...control}
          type="text"
          placeholder={hint}
          autocomplete="off"
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
          onChange={() => {
            typed.value = read(typed.value);
            onChange(typed.value);
          }}
        />
      )}
    </Field>
  );
}
