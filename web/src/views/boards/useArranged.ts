import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Board } from '../../api/client';
import { scrollStart } from '../../router';
import { type Arranged, arrange } from '../../state/reducer';

/** What was shown last, in its order: one comes back to the same list at the same place. */
let shown: readonly number[] = [];

/** Scroll positions up to this count as the top, in CSS pixels. */
const TOP = 8;

/** Keeps a list of boards where it is: what is new waits unless one is at the top and points at nothing in it. */
export function useArranged(
  items: readonly Board[],
  list: RefObject<HTMLElement | null>,
): Arranged & { showAll(): void } {
  const isFirst = useRef(true);
  const isWanted = useRef(false);
  // Rendered anew when the list may move again.
  const turns = useSignal(0);
  turns.value;

  const mayMove = () => scrollY <= TOP && !list.current?.matches(':hover, :has(:focus-visible)');
  const isReturn = isFirst.current && scrollStart > 0;
  const arranged = arrange(
    shown,
    items,
    isWanted.current || (isFirst.current ? !isReturn : mayMove()),
  );
  isFirst.current = false;
  isWanted.current = false;
  shown = arranged.ids;

  const isWaiting = arranged.waiting > 0 || arranged.ids.length > items.length;
  useEffect(() => {
    if (!isWaiting) return;
    const look = () => {
      if (mayMove()) turns.value += 1;
    };
    addEventListener('scroll', look, { passive: true });
    list.current?.addEventListener('mouseleave', look);
    return () => {
      removeEventListener('scroll', look);
      list.current?.removeEventListener('mouseleave', look);
    };
  }, [isWaiting]);

  const showAll = () => {
    isWanted.current = true;
    turns.value += 1;
    scrollTo(0, 0);
    // What was pressed is gone now.
    document.querySelector('h1')?.focus({ preventScroll: true });
  };
  return { ...arranged, showAll };
}
