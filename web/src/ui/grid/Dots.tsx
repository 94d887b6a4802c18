import { useMemo } from 'preact/hooks';
import type { Dot } from '../../api/client';
import { inkOn } from './colors';

interface Props {
  dots: readonly Dot[];
  /** What to write into the dots of a colour; without it they stay plain. */
  letters?: ReadonlyMap<string, string> | undefined;
}

/** The dots of a grid whose cells are squares of side 1. */
export function Dots({ dots, letters }: Props) {
  // There may be 2500, and a drag moves none.
  return useMemo(
    () => (
      <g>
        {dots.map((dot) => (
          <DotMark
            key={`${dot.row},${dot.col}`}
            x={dot.col + 0.5}
            y={dot.row + 0.5}
            color={dot.color}
            text={letters?.get(dot.color)}
          />
        ))}
      </g>
    ),
    [dots, letters],
  );
}

interface MarkProps {
  x: number;
  y: number;
  color: string;
  text: string | undefined;
}

export function DotMark({ x, y, color, text }: MarkProps) {
  return (
    <g class="dot" style={{ '--color': color }}>
      <circle cx={x} cy={y} r={0.34} />
      {text && (
        // Scaled down from a size that browsers can handle: fonts below one pixel are drawn badly, or not at all.
        <text
          transform={`translate(${x} ${y}) scale(${text.length > 1 ? 0.014 : 0.02})`}
          fill={inkOn(color)}
        >
          {text}
        </text>
      )}
    </g>
  );
}
