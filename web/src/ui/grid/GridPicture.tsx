import type { Dot } from '../../api/client';
import { Dots } from './Dots';
import { gridLines } from './geometry';

interface Props {
  rows: number;
  cols: number;
  dots: readonly Dot[];
}

/** A small picture of a board, for those who see; what it shows is said beside it. */
export function GridPicture({ rows, cols, dots }: Props) {
  return (
    <svg class="picture" viewBox={`0 0 ${cols} ${rows}`} aria-hidden="true">
      <rect class="ground" width={cols} height={rows} rx={Math.max(rows, cols) * 0.03} />
      <path class="grid-lines" d={gridLines(rows, cols)} />
      <Dots dots={dots} />
    </svg>
  );
}
