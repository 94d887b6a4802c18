import { useEffect } from 'preact/hooks';
import type { UseDrawing } from './useDrawing';

const IS_MAC = /^(Mac|iP)/.test(navigator.platform);

/** Undoes and redoes by the keys that systems have for it, wherever the focus is, but in fields: they have their own. */
export function useHistoryKeys({ takeBack, doAgain }: UseDrawing): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isCommand = IS_MAC ? event.metaKey : event.ctrlKey;
      if (!isCommand || event.altKey || event.defaultPrevented || isField(event.target)) return;
      const key = letterOf(event);
      const redoes = key === 'y' ? !IS_MAC : key === 'z' && event.shiftKey;
      if (!redoes && key !== 'z') return;
      event.preventDefault();
      if (redoes) doAgain();
      else takeBack();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}

/** The Latin letter of a key, also where it types one of another script. */
function letterOf({ key, code }: KeyboardEvent): string {
  return /^[a-z]$/i.test(key) ? key.toLowerCase() : code.replace('Key', '').toLowerCase();
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select'))
  );
}
