import type { Board, Cell } from '../../api/client';
import type { Drawing } from '../../rules/drawing';
import { previewOf } from '../../rules/preview';
import { lineThrough } from '../../ui/grid/geometry';

interface Props {
  board: Board;
  line: Drawing | null;
  /** Where one hovers, or where the keyboard is. */
  cell: Cell;
  by: 'hover' | 'keyboard';
  isTaken(color: string): boolean;
}

/** Shows what a press would do: where a line would begin, which way it would go, what would be cut off. */
export function PressPreview({ board, line, cell, by, isTaken }: Props) {
  const preview = previewOf(board, line, cell, isTaken);
  if (!preview) return null;
  const { dot, way, cut } = preview;
  const color = way.length > 0 ? line?.color : board.dots.find((it) => it === dot)?.color;
  return (
    <g class="preview" data-by={by} style={{ '--color': color }}>
      {cut.length > 0 && <path class="cut" d={lineThrough(cut)} />}
      {way.length > 0 && <path class="way" d={lineThrough(way)} />}
      {dot && <circle class="ring" cx={dot.col + 0.5} cy={dot.row + 0.5} r={0.44} />}
    </g>
  );
}
