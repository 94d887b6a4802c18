import type { Cell } from '../../api/client';

/** Half the side of a mark, in cells. */
const HALF = 0.17;

/** Marks the cells in which a line crosses others: by their shape, whatever the colours are. */
export function Crossings({ cells }: { cells: readonly Cell[] }) {
  if (cells.length === 0) return null;
  const data = cells.map(cross).join('');
  return (
    <g class="crossings">
      <path class="halo" d={data} />
      <path class="mark" d={data} />
    </g>
  );
}

function cross({ row, col }: Cell): string {
  const [x, y, side] = [col + 0.5 - HALF, row + 0.5 - HALF, 2 * HALF];
  return `M${x} ${y}l${side} ${side}m0 ${-side}l${-side} ${side}`;
}
