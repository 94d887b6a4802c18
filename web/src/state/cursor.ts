import { keep, recall } from '../storage';

const KEY = 'dotcast.cursor';

/** The last event that this browser has dealt with, kept over reloads and shared by all tabs. */
export const keptCursor = {
  read(): number | null {
    const id = recall(KEY);
    return Number.isSafeInteger(id) && (id as number) >= 0 ? (id as number) : null;
  },

  /** Never goes back: another tab may be ahead. */
  advance(id: number): void {
    if (id > (keptCursor.read() ?? -1)) keep(KEY, id);
  },

  /** For a log that has become shorter. */
  goBack(id: number): void {
    keep(KEY, id);
  },
};
