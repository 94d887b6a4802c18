import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/** Closes a menu when one presses Escape, which leads back to its button, or goes elsewhere. */
export function useDismissable(menu: RefObject<HTMLDetailsElement | null>): void {
  useEffect(() => {
    const close = (event: Event) => {
      const element = menu.current;
      if (!element?.open) return;
      const escapes = event instanceof KeyboardEvent && event.key === 'Escape';
      if (escapes) element.querySelector('summary')?.focus();
      const leaves = !(event instanceof KeyboardEvent) && !element.contains(event.target as Node);
      if (escapes || leaves) element.open = false;
    };
    const kinds = ['pointerdown', 'focusin', 'keydown'];
    for (const kind of kinds) document.addEventListener(kind, close);
    return () => {
      for (const kind of kinds) document.removeEventListener(kind, close);
    };
  }, [menu]);
}
