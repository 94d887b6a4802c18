import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../language/texts';
import { Icon } from '../Icon';

/** From this many cells on a side they may be too small to hit. */
const LARGE = 16;
const STEPS = [1, 1.5, 2, 3];

interface Props {
  rows: number;
  cols: number;
  children: ComponentChildren;
}

/** The frame of a grid: as large as there is room for; large boards scroll in it and can be magnified. */
export function GridBox({ rows, cols, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const step = useSignal(0);
  const zoom = STEPS[step.value] ?? 1;

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => {
      const scrolls =
        // One more for sizes that are no whole pixels.
        element.scrollWidth > element.clientWidth + 1 ||
        element.scrollHeight > element.clientHeight + 1;
      element.toggleAttribute('data-scrolls', scrolls);
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    if (element.firstElementChild) observer.observe(element.firstElementChild);
    return () => observer.disconnect();
  }, []);

  const zoomBy = (by: number) => {
    step.value = Math.max(0, Math.min(STEPS.length - 1, step.value + by));
  };

  return (
    <div class="grid-frame">
      {Math.max(rows, cols) >= LARGE && (
        <div class="zoom">
          <button
            type="button"
            class="icon-button"
            aria-label={t().grid.smaller}
            aria-disabled={step.value === 0}
            onClick={() => zoomBy(-1)}
          >
            <Icon name="minus" />
          </button>
          <span aria-live="polite">{t().grid.zoom(Math.round(zoom * 100))}</span>
          <button
            type="button"
            class="icon-button"
            aria-label={t().grid.larger}
            aria-disabled={step.value === STEPS.length - 1}
            onClick={() => zoomBy(1)}
          >
            <Icon name="plus" />
          </button>
        </div>
      )}
      <div
        ref={box}
        class="grid-box"
        data-zoomed={zoom > 1 ? '' : undefined}
        style={{ '--zoom': String(zoom) }}
      >
        {children}
      </div>
    </div>
  );
}
