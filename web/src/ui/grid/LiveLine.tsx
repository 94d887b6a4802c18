import type { RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import type { Cell } from '../../api/client';
import { commonLength } from '../../rules/places';
import { lineThrough } from './geometry';

/** How many cells a part of the line has. */
const PART = 64;

interface Props {
  cells: readonly Cell[];
  color: string;
  /** Its paths with `data-tail` run from the cell before the last one on: a pointer that drags the end changes them. */
  element: RefObject<SVGGElement | null>;
}

/**
 * The line that is being drawn. It is in parts, of which a move changes the last one alone: a line may have 2500 cells,
 * and what is stroked anew costs as much as it is long.
 */
export function LiveLine({ cells, color, element }: Props) {
  const parts = useParts(cells.slice(0, -1), 1);
  const tail = lineThrough(cells.slice(-2));
  const stroke = (name: string) => (
    <>
      {parts.map((data, index) => (
        <path key={index} class={name} d={data} />
      ))}
      <path class={name} d={tail} data-tail />
    </>
  );
  return (
    <g ref={element} class="line drawing" style={{ '--color': color }}>
      {stroke('rim')}
      {stroke('core')}
    </g>
  );
}

/** Shades the cells of the line that is being drawn. */
export function LiveTint({ cells, color }: Pick<Props, 'cells' | 'color'>) {
  return (
    <g style={{ '--color': color }}>
      {useParts(cells, 0).map((data, index) => (
        <path key={index} class="tint" d={data} />
      ))}
    </g>
  );
}

/** Path data for each part of a list of cells, and for `shared` cells of the next one. Parts that stay are kept. */
function useParts(cells: readonly Cell[], shared: 0 | 1): string[] {
  const last = useRef<{ cells: readonly Cell[]; parts: string[] }>({ cells: [], parts: [] });
  const same = Math.floor((commonLength(last.current.cells, cells) - shared) / PART);
  const parts = last.current.parts.slice(0, Math.max(0, same));
  for (let at = parts.length * PART; at < cells.length - shared; at += PART)
    parts.push(lineThrough(cells.slice(at, at + PART + shared)));
  last.current = { cells, parts };
  return parts;
}
