import { useMemo } from 'preact/hooks';
import type { Cell } from '../../api/client';
import { lineThrough } from './geometry';

/** For a path that does not begin at a dot. */
const NO_COLOR = '#8a8a98';

interface Props {
  cells: readonly Cell[];
  color: string | null;
  /** `joined` connects its pair, `loose` does not, `drawing` is not saved yet. */
  kind: 'joined' | 'loose' | 'drawing';
  /** Pointed at in the list of paths. */
  picked?: boolean;
}

/** A path in a grid whose cells are squares of side 1. */
export function Line({ cells, color, kind, picked = false }: Props) {
  const data = useMemo(() => lineThrough(cells), [cells]);
  return (
    <g class={`line ${kind} ${picked ? 'picked' : ''}`} style={{ '--color': color ?? NO_COLOR }}>
      <g class="glow">
        <path d={data} />
        <path d={data} />
        <path d={data} />
        <path d={data} />
      </g>
      <path class="rim" d={data} />
      <path class="core" d={data} />
    </g>
  );
}
