import { useRef } from 'preact/hooks';
import type { Cell } from '../../api/client';
import { distance } from '../../rules/path';
import { cellAt, type Pointed, pointAt } from './geometry';

/** What pointers do; without `start` they only tap. */
export interface PointerActions {
  /** A press and release in one cell. */
  tap(cell: Cell): void;
  /** Whether a press on a cell begins a drag. */
  isGrip?(cell: Cell): boolean;
  /** A press on a grip; whether something is drawn now. */
  start?(cell: Cell): boolean;
  move?(cell: Cell): void;
  end?(): void;
  /** Where a pointer is that draws, or that hovers; null when there is none. */
  point?(at: Pointed | null): void;
}

type GridEvent = PointerEvent & { currentTarget: SVGSVGElement };

/** Mouse, pen and finger on a grid, as cells. */
export function usePointer(rows: number, cols: number, actions: PointerActions) {
  const pressed = useRef<{ id: number; cell: Cell; drags: boolean; draws: boolean } | null>(null);

  const at = (event: PointerEvent, svg: Element) =>
    cellAt(svg.getBoundingClientRect(), rows, cols, event.clientX, event.clientY);

  const point = (event: GridEvent) => {
    const draws = pressed.current?.id === event.pointerId && pressed.current.draws;
    // A finger does not hover, and nothing does during a press.
    if (!draws && (event.pointerType === 'touch' || pressed.current)) return;
    const box = event.currentTarget.getBoundingClientRect();
    actions.point?.({ ...pointAt(box, rows, cols, event.clientX, event.clientY), draws });
  };

  const release = (event: GridEvent, cancelled: boolean) => {
    const was = pressed.current;
    if (was?.id !== event.pointerId) return;
    pressed.current = null;
    if (was.drags) actions.end?.();
    // The browser cancels a press from which it makes a scroll.
    else if (!cancelled && distance(was.cell, at(event, event.currentTarget)) === 0)
      actions.tap(was.cell);
    actions.point?.(null);
  };

  return {
    isDragging: () => pressed.current?.drags ?? false,
    onTouchStart(event: TouchEvent) {
      // Drawing and no scroll. By `touch-action` this cannot be said of single shapes in an SVG.
      const [row, col] = (event.target as SVGElement).dataset.cell?.split(',').map(Number) ?? [];
      if (row !== undefined && col !== undefined && actions.isGrip?.({ row, col }))
        event.preventDefault();
    },
    onPointerDown(event: GridEvent) {
      // A second finger does not draw.
      if (event.button !== 0 || pressed.current) return;
      const cell = at(event, event.currentTarget);
      const drags = actions.isGrip?.(cell) ?? false;
      const press = { id: event.pointerId, cell, drags, draws: false };
      pressed.current = press;
      if (!drags) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      press.draws = actions.start?.(cell) ?? false;
      point(event);
    },
    onPointerMove(event: GridEvent) {
      const was = pressed.current;
      if (was?.id === event.pointerId && was.drags) {
        // All that happened since the last frame, so that a fast corner is not cut.
        // Browsers tell that to encrypted pages only.
        const all = event.getCoalescedEvents?.() ?? [];
        for (const one of all.length > 0 ? all : [event]) {
          const cell = at(one, event.currentTarget);
          if (distance(cell, was.cell) === 0) continue;
          was.cell = cell;
          actions.move?.(cell);
        }
      }
      point(event);
    },
    onPointerLeave() {
      if (!pressed.current) actions.point?.(null);
    },
    onPointerUp: (event: GridEvent) => release(event, false),
    onPointerCancel: (event: GridEvent) => release(event, true),
  };
}
