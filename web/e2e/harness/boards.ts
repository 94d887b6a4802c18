import type { BoardDraft } from '../../src/api/client';

const RED = '#f4503b';
const BLUE = '#2f6bff';

/** A small board with a pair in its first row and one in its last. */
export function pairs(name: string): BoardDraft {
  return {
    name,
    rows: 3,
    cols: 3,
    dots: [
      { row: 0, col: 0, color: RED },
      { row: 0, col: 2, color: RED },
      { row: 2, col: 0, color: BLUE },
      { row: 2, col: 2, color: BLUE },
    ],
  };
}
