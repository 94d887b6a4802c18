import { t } from '../../language/texts';
import { colorName, marksOf } from '../../ui/grid/colors';
import { LetterDot } from '../../ui/grid/LetterDot';
import { letters as withLetters } from '../../ui/grid/letters';
import { dotsOf, nameIn } from './draft';
import type { UseEditor } from './useEditor';

/** The colours to choose from. */
export function Palette({ editor }: { editor: UseEditor }) {
  const texts = t().editor;
  const draft = editor.draft.value;
  const letters = marksOf(draft.dots, withLetters.value);
  const select = (color: string) => {
    editor.color.value = color;
  };
  return (
    <fieldset>
      <legend class="field-label">{texts.color}</legend>
      <div class="palette">
        {editor.palette.map((color) => {
          const placed = dotsOf(draft, color);
          return (
            <label key={color} title={colorName(color)}>
              <input
                type="radio"
                name="color"
                checked={editor.color.value === color}
                onChange={() => select(color)}
              />
              <LetterDot color={color} text={letters.get(color)} />
              <span class="sr-only">{texts.colorWithDots(nameIn(letters, color), placed)}</span>
              <span class="count" aria-hidden="true">
                {Array.from({ length: placed }, (_, index) => (
                  <i key={index} />
                ))}
              </span>
            </label>
          );
        })}
      </div>
      <label class="custom-color">
        <input
          type="color"
          value="#b5179e"
          onChange={(event) => editor.addColor(event.currentTarget.value.toLowerCase())}
        />
        {texts.otherColor}
      </label>
    </fieldset>
  );
}
