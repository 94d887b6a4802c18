import type { Cell, Dot } from '../api/client';
import { cellKey, checkPlace } from './board';
import { dotAt } from './places';
import type { Violation } from './rule';

/** Every rule that a path breaks; the same that the server would name, in the same order. */
export function checkPath(cells: Cell[], rows: number, cols: number): Violation[] {
  const broken: Violation[] = [];
  if (cells.length < 2) broken.push({ field: 'cells', rule: { kind: 'tooShort' } });
  const seen = new Map<string, number>();
  cells.forEach((cell, index) => {
    const field = `cells[${index}]`;
    broken.push(...checkPlace(field, cell, rows, cols));
    const key = cellKey(cell);
    const same = seen.get(key);
    seen.set(key, index);
    const before = cells[index - 1];
    if (same !== undefined) {
      broken.push({ field, rule: { kind: 'visitedTwice', other: same } });
    } else if (before && distance(before, cell) !== 1) {
      broken.push({ field, rule: { kind: 'notNext' } });
    }
  });
  return broken;
}

/** How many steps up, down, left and right lie between two cells. */
export function distance(a: Cell, b: Cell): number {
  return Math.abs(a.row - b.row) + Math.abs(a.col - b.col);
}

/** The colour whose two dots are the ends of the path, if it passes through no other dot. */
export function connects(dots: readonly Dot[], cells: readonly Cell[]): string | null {
  const [first, ...rest] = cells.map((cell) => dotAt(dots, cell)?.color);
  const last = rest.pop();
  const isJoined = first !== undefined && first === last && rest.every((it) => it === undefined);
  return isJoined ? first : null;
}

/** The colours of a board that one's paths join. */
export function joinedColors(
  dots: readonly Dot[],
  paths: readonly { readonly connects?: string | null }[],
): Set<string> {
  const joined = new Set(paths.map((path) => path.connects));
  return new Set(dots.map((dot) => dot.color).filter((color) => joined.has(color)));
}

interface Drawn {
  readonly connects?: string | null;
  readonly cells: readonly Cell[];
}

/** How far one's paths have come: all colours are joined, of which there is one at least, and no two cross. */
export function progress(
  dots: readonly Dot[],
  paths: readonly Drawn[],
): 'unfinished' | 'crossing' | 'complete' {
  const colors = new Set(dots.map((dot) => dot.color));
  if (colors.size === 0 || joinedColors(dots, paths).size < colors.size) return 'unfinished';
  return cross(paths.filter((path) => path.connects)) ? 'crossing' : 'complete';
}

/** Whether two paths of different colours share a cell. */
function cross(paths: readonly Drawn[]): boolean {
  const taken = new Map<string, string | null | undefined>();
  return paths.some(({ connects, cells }) =>
    cells.some((cell) => {
      const key = cellKey(cell);
      const other = taken.get(key);
      taken.set(key, connects);
      return other !== undefined && other !== connects;
    }),
  );
}
