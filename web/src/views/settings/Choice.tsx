import { useId } from 'preact/hooks';

interface Option<T> {
  value: T;
  text: string;
  /** The language of the text, where it is another than the page's. */
  lang?: string;
}

interface Props<T> {
  legend: string;
  options: readonly Option<T>[];
  chosen: T;
  onChoose(value: T): void;
}

/** One of a few, all of which are to be seen. */
export function Choice<T>({ legend, options, chosen, onChoose }: Props<T>) {
  const name = useId();
  return (
    <fieldset>
      <legend class="field-label">{legend}</legend>
      <div class="choices">
        {options.map(({ value, text, lang }) => (
          <label key={text} lang={lang}>
            <input
              type="radio"
              name={name}
              checked={value === chosen}
              onChange={() => onChoose(value)}
            />
            {text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
