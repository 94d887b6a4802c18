import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Cell } from '../../api/client';
import { cellKey } from '../../rules/board';
import { CellRow } from './CellRow';
import { GridBox } from './GridBox';
import { gridLines, moved } from './geometry';
import { type PointerActions, usePointer } from './usePointer';

interface Props {
  rows: number;
  cols: number;
  label: string;
  /** Ids of elements that say how it is used. */
  describedBy: string;
  /** What one does with it: draw from some cells, or place something in all. */
  use: 'draws' | 'places';
  /** The cell that has the focus when the grid has it. */
  focus: Cell;
  onFocus(cell: Cell): void;
  /** The names of the cells of each row, one a line. */
  names: readonly string[];
  pointer: PointerActions;
  /** Whether it did something with the key; if not, the key may move the focus. */
  onKey(event: KeyboardEvent, cell: Cell): boolean;
  /** What is painted, in units of cells. */
  children: ComponentChildren;
}

/** A grid to work on: one tab stop, arrow keys inside (the ARIA grid pattern), and any pointer. */
export function InteractiveGrid(props: Props) {
  const { rows, cols, focus } = props;
  const svg = useRef<SVGSVGElement>(null);
  const focused = () =>
    svg.current?.querySelector<SVGElement>(`[data-cell="${cellKey(props.focus)}"]`);
  const { isDragging, ...pointer } = usePointer(rows, cols, {
    ...props.pointer,
    end() {
      props.pointer.end?.();
      takeFocus();
    },
  });

  // The focus follows when the cell changes, but is not taken from elsewhere.
  const takeFocus = () => {
    if (svg.current?.contains(document.activeElement)) focused()?.focus();
  };

  useLayoutEffect(() => {
    // A drag takes it along when it ends: moving the focus makes the browser lay out the page at once.
    if (!isDragging()) takeFocus();
    // A drag over the edge of a large grid brings more of it into sight.
    if (svg.current?.closest('[data-scrolls]'))
      focused()?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [focus.row, focus.col]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey) return;
    if (!props.onKey(event, focus)) {
      const to = moved(event.key, event.ctrlKey, focus, rows, cols);
      if (!to) return;
      props.onFocus(to);
    }
    event.preventDefault();
  };

  const onFocusIn = (event: FocusEvent) => {
    const [row, col] = (event.target as SVGElement).dataset.cell?.split(',').map(Number) ?? [];
    if (row !== undefined && col !== undefined) props.onFocus({ row, col });
  };

  return (
    <GridBox rows={rows} cols={cols}>
      {/* biome-ignore lint/a11y/useSemanticElements: a table cannot be drawn on. */}
      <svg
        ref={svg}
        class="grid"
        data-draws={props.use === 'draws' ? '' : undefined}
        data-places={props.use === 'places' ? '' : undefined}
        viewBox={`0 0 ${cols} ${rows}`}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its cells are to be acted on.
        role="grid"
        aria-label={props.label}
        aria-describedby={props.describedBy}
        aria-rowcount={rows}
        aria-colcount={cols}
        onKeyDown={onKeyDown}
        onFocusIn={onFocusIn}
        {...pointer}
      >
        <path class="grid-lines" d={gridLines(rows, cols)} />
        {props.children}
        {Array.from({ length: rows }, (_, row) => (
          <CellRow
            key={row}
            row={row}
            names={props.names[row] ?? ''}
            tabCol={focus.row === row ? focus.col : null}
          />
        ))}
        <rect
          class="cell-focus"
          x={focus.col + 0.06}
          y={focus.row + 0.06}
          width={0.88}
          height={0.88}
          rx={0.12}
        />
      </svg>
    </GridBox>
  );
}
