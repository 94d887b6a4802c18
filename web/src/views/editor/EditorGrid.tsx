import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Cell } from '../../api/client';
import { cellKey } from '../../rules/board';
import { FieldMessage } from '../../ui/Field';
import { colorName, lettersOf } from '../../ui/grid/colors';
import { Dots } from '../../ui/grid/Dots';
import { clamp, inWords } from '../../ui/grid/geometry';
import { InteractiveGrid } from '../../ui/grid/InteractiveGrid';
import { isOutside, removeDot, removeOutside } from './draft';
import type { UseEditor } from './useEditor';

/** The grid on which dots are placed. */
export function EditorGrid({ editor }: { editor: UseEditor }) {
  const focus = useSignal<Cell>({ row: 0, col: 0 });
  const draft = editor.draft.value;
  const { rows, cols } = editor.size;
  const letters = useMemo(() => lettersOf(draft.dots), [draft.dots]);
  const inside = useMemo(
    () => draft.dots.filter((dot) => dot.row < rows && dot.col < cols),
    [draft.dots, rows, cols],
  );

  const names = useMemo(() => {
    const colors = new Map(draft.dots.map((dot) => [cellKey(dot), dot.color]));
    const nameOf = (cell: Cell) => {
      const color = colors.get(cellKey(cell));
      const what = color ? `${colorName(color)} ${letters.get(color)} dot` : 'empty';
      return `${inWords(cell)}, ${what}`;
    };
    return Array.from({ length: rows }, (_, row) =>
      Array.from({ length: cols }, (_, col) => nameOf({ row, col })).join('\n'),
    );
  }, [draft.dots, letters, rows, cols]);

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
        names={names}
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
