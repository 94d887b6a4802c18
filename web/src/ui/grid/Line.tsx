import { useMemo } from 'preact/hooks';
import type { Cell } from '../../api/client';
import { lineThrough } from './geometry';

/** For a path that does not begin at a dot. */
const NO_COLOR = '#8a8a98';

interface Props {
  cells: readonly Cell[];
  color: string | null;
  /** `joined` connects its pair, `loose` does not, `drawing` is on its way to the server. */
  kind: 'joined' | 'loose' | 'drawing';
  /** Pointed at in the list of paths. */
  picked?: boolean;
}

/** A path in a grid whose cells are squares of side 1. */
export function Line({ cells, color, kind, picked = false }: Props) {
  const data = useMemo(() => lineThrough(cells), [cells]);
  return (
    <g class={`line ${kind} ${picked ? 'picked' : ''}`} style={{ '--color': color ?? NO_COLOR }}>
      {kind !== 'drawing' && (
        <g class="glow">
          <path d={data} />
          <path d={data} />
          <path d={data} />
          <path d={data} />
        </g>
      )}
      <path class="rim" d={data} />
      <path class="core" d={data} />
      {kind === 'joined' && <path class="flow" d={data} pathLength={1} />}
    </g>
  );
}

/** Shades the cells that a path runs through: a stroke as wide as they are. */
export function Tint({ cells, color }: Pick<Props, 'cells' | 'color'>) {
  const data = useMemo(() => lineThrough(cells), [cells]);
  return <path class="tint" d={data} style={{ '--color': color ?? NO_COLOR }} />;
}
