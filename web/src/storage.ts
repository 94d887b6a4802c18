// Storage may be switched off, full or changed by hand: then the page does without what it has kept.

/** What was kept under this key, by this or another tab; undefined if it is nothing. */
export function recall(key: string): unknown {
  try {
    const text = localStorage.getItem(key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keeps a value for later visits and other tabs. False where the browser does not. */
export function keep(key: string, value: unknown): boolean {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Calls `listener` when another tab has kept something under this key. */
export function onKeptElsewhere(key: string, listener: () => void): void {
  addEventListener('storage', (event) => {
    if (event.key === key) listener();
  });
}
