import { useEffect, useRef } from 'preact/hooks';
import type { Dot } from '../../api/client';
import { theme } from '../theme';
import { forgetPaint, type PaintedLine, paint, paintSoon } from './paint';

interface Props {
  rows: number;
  cols: number;
  dots: readonly Dot[];
  lines?: readonly PaintedLine[];
  /** It has come near to the window. */
  onNear?(): void;
}

const NO_LINES: readonly PaintedLine[] = [];

/** How near to the window a picture is painted, so that it is there when one scrolls to it. */
const NEAR = '300px';
/** How much of the square the longer side takes, in percent. */
const FILLED = 92;

/**
 * A small picture of a board, for those who see; what it shows is said beside it. A canvas, because a list of large
 * boards would otherwise have more than a hundred thousand elements. It has pixels only while it is near the window.
 */
export function GridPicture({ rows, cols, dots, lines = NO_LINES, onNear }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colors = theme();

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    let width = 0;
    let isNear = false;
    const show = () => paint(element, isNear ? width : 0, rows, cols, dots, lines);
    const size = new ResizeObserver((entries) => {
      width = entries.at(-1)?.contentRect.width ?? 0;
      paintSoon(show);
    });
    const place = new IntersectionObserver(
      (entries) => {
        isNear = entries.at(-1)?.isIntersecting ?? false;
        if (isNear) onNear?.();
        paintSoon(show);
      },
      { rootMargin: NEAR },
    );
    size.observe(element);
    place.observe(element);
    return () => {
      forgetPaint(show);
      size.disconnect();
      place.disconnect();
    };
  }, [rows, cols, dots, lines, colors]);

  const share = (side: number) => `${(FILLED * side) / Math.max(rows, cols)}%`;
  return (
    <div class="picture" aria-hidden="true">
      <canvas ref={canvas} style={{ width: share(cols), height: share(rows) }} />
    </div>
  );
}
