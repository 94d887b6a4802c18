import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Cell } from '../../api/client';
import { t } from '../../language/texts';
import { cellKey } from '../../rules/board';
import { FieldMessage } from '../../ui/Field';
import { marksOf } from '../../ui/grid/colors';
import { Dots } from '../../ui/grid/Dots';
import { clamp, inWords } from '../../ui/grid/geometry';
import { InteractiveGrid } from '../../ui/grid/InteractiveGrid';
import { letters as withLetters } from '../../ui/grid/letters';
import { isOutside, nameIn, removeDot, removeOutside } from './draft';
import type { UseEditor } from './useEditor';

/** The grid on which dots are placed. */
export function EditorGrid({ editor }: { editor: UseEditor }) {
  const texts = t().editor;
  const focus = useSignal<Cell>({ row: 0, col: 0 });
  const draft = editor.draft.value;
  const { rows, cols } = editor.size;
  const letters = useMemo(
    () => marksOf(draft.dots, withLetters.value),
    [draft.dots, withLetters.value, texts],
  );
  const inside = useMemo(
    () => draft.dots.filter((dot) => dot.row < rows && dot.col < cols),
    [draft.dots, rows, cols],
  );

  const names = useMemo(() => {
    const colors = new Map(draft.dots.map((dot) => [cellKey(dot), dot.color]));
    const nameOf = (cell: Cell) => {
      const color = colors.get(cellKey(cell));
      return color
        ? texts.cellWithDot(inWords(cell), nameIn(letters, color))
        : texts.emptyCell(inWords(cell));
    };
    return Array.from({ length: rows }, (_, row) =>
      Array.from({ length: cols }, (_, col) => nameOf({ row, col })).join('\n'),
    );
  }, [draft.dots, letters, rows, cols, texts]);

  const onKey = (event: KeyboardEvent, cell: Cell) => {
    if (event.key === 'Enter' || event.key === ' ') editor.toggle(cell);
    else if (event.key === 'Delete' || event.key === 'Backspace')
      editor.put(removeDot(draft, cell));
    else return false;
    return true;
  };

  return (
    <div class="editor-grid">
      <InteractiveGrid
        rows={rows}
        cols={cols}
        label={texts.grid}
        describedBy="how-to-place"
        use="places"
        focus={clamp(focus.value, rows, cols)}
        onFocus={(cell) => {
          focus.value = cell;
        }}
        names={names}
        pointer={{ tap: editor.toggle }}
        onKey={onKey}
      >
        <Dots dots={inside} letters={withLetters.value ? letters : undefined} />
      </InteractiveGrid>
      <div class="draw-bar">
        <p id="how-to-place" class={editor.says ? 'sr-only' : ''}>
          {texts.howTo}
        </p>
        <p role="status">{editor.says}</p>
        {draft.dots.some(isOutside(draft)) && (
          <button
            type="button"
            class="button plain small"
            onClick={() => editor.put(removeOutside(draft))}
          >
            {texts.removeOutside}
          </button>
        )}
      </div>
      <FieldMessage id="dots-error" message={editor.fieldError('dots')} />
    </div>
  );
}
