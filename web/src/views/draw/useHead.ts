import { effect, type ReadonlySignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Drawing, Grid } from '../../rules/drawing';
import { tailOf } from '../../rules/head';
import { lineThrough, type Pointed } from '../../ui/grid/geometry';

/**
 * Draws the line on to the pointer between two cells, once a frame and past the renderer: nothing else changes with it.
 * Answers what the line's element is to be held by.
 */
export function useHead(
  board: Grid,
  drawing: ReadonlySignal<Drawing | null>,
  pointed: ReadonlySignal<Pointed | null>,
): RefObject<SVGGElement | null> {
  const line = useRef<SVGGElement>(null);
  useEffect(() => {
    let frame = 0;
    const show = () => {
      frame = 0;
      const drawn = drawing.value;
      const at = pointed.value;
      if (!drawn || !line.current) return;
      const data = lineThrough(at?.draws ? tailOf(board, drawn, at) : drawn.cells.slice(-2));
      for (const path of line.current.querySelectorAll('[data-tail]')) {
        if (path.getAttribute('d') !== data) path.setAttribute('d', data);
      }
    };
    const stop = effect(() => {
      // What is rendered for a move is there by the next frame.
      if (pointed.value !== undefined && drawing.value) frame ||= requestAnimationFrame(show);
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [board, drawing, pointed]);
  return line;
}
