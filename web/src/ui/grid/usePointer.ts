import { useRef } from 'preact/hooks';
import type { Cell } from '../../api/client';
import { cellKey } from '../../rules/board';
import { distance } from '../../rules/path';
import { cellAt } from './geometry';

/** What pointers do; without `start` they only tap. */
export interface PointerActions {
  /** A press and release in one cell. */
  tap(cell: Cell): void;
  /** A drag from one of `grips`. */
  start?(cell: Cell): void;
  move?(cell: Cell): void;
  end?(): void;
}

/** Mouse, pen and finger on a grid, as cells. */
export function usePointer(
  rows: number,
  cols: number,
  grips: ReadonlySet<string>,
  actions: PointerActions,
) {
  const pressed = useRef<{ id: number; cell: Cell; drags: boolean } | null>(null);

  const at = (event: PointerEvent, svg: Element) =>
    cellAt(svg.getBoundingClientRect(), rows, cols, event.clientX, event.clientY);

  const release = (event: PointerEvent & { currentTarget: SVGSVGElement }, cancelled: boolean) => {
    const was = pressed.current;
    if (was?.id !== event.pointerId) return;
    pressed.current = null;
    if (was.drags) actions.end?.();
    // The browser cancels a press from which it makes a scroll.
    else if (!cancelled && distance(was.cell, at(event, event.currentTarget)) === 0)
      actions.tap(was.cell);
  };

  return {
    onTouchStart(event: TouchEvent) {
      // Drawing and no scroll. By `touch-action` this cannot be said of single shapes in an SVG.
      if ((event.target as Element).hasAttribute('data-grip')) event.preventDefault();
    },
    onPointerDown(event: PointerEvent & { currentTarget: SVGSVGElement }) {
      // A second finger does not draw.
      if (event.button !== 0 || pressed.current) return;
      const cell = at(event, event.currentTarget);
      const drags = actions.start !== undefined && grips.has(cellKey(cell));
      pressed.current = { id: event.pointerId, cell, drags };
      if (!drags) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      actions.start?.(cell);
    },
    onPointerMove(event: PointerEvent & { currentTarget: SVGSVGElement }) {
      const was = pressed.current;
      if (was?.id !== event.pointerId || !was.drags) return;
      // All that happened since the last frame, so that a fast corner is not cut.
      // Browsers tell that to encrypted pages only.
      const all = event.getCoalescedEvents?.() ?? [];
      for (const one of all.length > 0 ? all : [event]) {
        const cell = at(one, event.currentTarget);
        if (distance(cell, was.cell) === 0) continue;
        was.cell = cell;
        actions.move?.(cell);
      }
    },
    onPointerUp: (event: PointerEvent & { currentTarget: SVGSVGElement }) => release(event, false),
    onPointerCancel: (event: PointerEvent & { currentTarget: SVGSVGElement }) =>
      release(event, true),
  };
}
