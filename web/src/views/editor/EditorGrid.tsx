import { useSignal } from '@preact/signals';
import type { Cell } from '../../api/client';
import { FieldMessage } from '../../ui/Field';
import { colorName, lettersOf } from '../../ui/grid/colors';
import { Dots } from '../../ui/grid/Dots';
import { clamp, inWords } from '../../ui/grid/geometry';
import { InteractiveGrid } from '../../ui/grid/InteractiveGrid';
import { dotAt, isOutside, removeDot, removeOutside } from './draft';
import type { UseEditor } from './useEditor';

/** The grid on which dots are placed. */
export function EditorGrid({ editor }: { editor: UseEditor }) {
  const focus = useSignal<Cell>({ row: 0, col: 0 });
  const draft = editor.draft.value;
  const { rows, cols } = editor.size;
  const letters = lettersOf(draft.dots);
  const inside = draft.dots.filter((dot) => dot.row < rows && dot.col < cols);

  const nameOf = (cell: Cell) => {
    const dot = dotAt(draft, cell);
    return dot
      ? `${inWords(cell)}, ${colorName(dot.color)} ${letters.get(dot.color)} dot`
      : `${inWords(cell)}, empty`;
  };

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
        label="Dots of the board"
        describedBy="how-to-place"
        use="places"
        focus={clamp(focus.value, rows, cols)}
        onFocus={(cell) => {
          focus.value = cell;
        }}
        nameOf={nameOf}
        pointer={{ tap: editor.toggle }}
        onKey={onKey}
      >
        <Dots dots={inside} letters={letters} />
      </InteractiveGrid>
      <div class="draw-bar">
        <p id="how-to-place" class={editor.says.value ? 'sr-only' : ''}>
          Click a cell, or press Enter on it, to place a dot there or to take it away. Two dots make
          a pair.
        </p>
        <p role="status">{editor.says.value}</p>
        {draft.dots.some(isOutside(draft)) && (
          <button
            type="button"
            class="button plain small"
            onClick={() => editor.put(removeOutside(draft))}
          >
            Remove the dots outside
          </button>
        )}
      </div>
      <FieldMessage id="dots-error" message={editor.fieldError('dots', 'A dot')} />
    </div>
  );
}
