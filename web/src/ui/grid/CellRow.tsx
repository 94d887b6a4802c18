import { useMemo } from 'preact/hooks';

interface Props {
  row: number;
  /** The names of its cells, one a line. A string, so that it is quickly seen whether anything has changed. */
  names: string;
  /** The cell that has the grid's one tab stop, if it is in this row. */
  tabCol: number | null;
}

/** What can be focused and read out of one row of a grid. */
export function CellRow({ row, names, tabCol }: Props) {
  // A board may have 2500 cells, and a drag changes two or three of them at a time.
  return useMemo(
    () => (
      // biome-ignore lint/a11y/useSemanticElements: this is a drawing, not a table.
      <g role="row">
        {names.split('\n').map((name, col) => (
          // biome-ignore lint/a11y/useSemanticElements: as above.
          <rect
            key={col}
            class="cell"
            role="gridcell"
            aria-label={name}
            tabindex={col === tabCol ? 0 : -1}
            x={col}
            y={row}
            width={1}
            height={1}
            data-cell={`${row},${col}`}
          />
        ))}
      </g>
    ),
    [row, names, tabCol],
  );
}
