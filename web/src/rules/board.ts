import type { BoardDraft, Dot } from '../api/client';
import type { Violation } from './rule';

/** Smallest and largest height and width of a grid. */
export const SIDE = { min: 2, max: 50 };
/** Longest name, in characters. */
export const NAME_MAX = 100;

/** Every rule that a board breaks; the same that the server would name, in the same order. */
export function checkBoard(draft: BoardDraft): Violation[] {
  return [...checkName(draft.name), ...checkSides(draft), ...checkDots(draft)];
}

function checkName(untrimmed: string): Violation[] {
  const name = trim(untrimmed);
  const length = [...name].length;
  if (length < 1 || length > NAME_MAX) {
    return [{ field: 'name', rule: { kind: 'nameLength', min: 1, max: NAME_MAX } }];
  }
  if (/\p{Cc}/u.test(name)) return [{ field: 'name', rule: { kind: 'controlCharacters' } }];
  return [];
}

/** By Unicode's White_Space, as Rust does; `String.prototype.trim` differs in U+0085 and U+FEFF. */
function trim(text: string): string {
  return text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, '');
}

function checkSides(draft: BoardDraft): Violation[] {
  return (['rows', 'cols'] as const)
    .filter((field) => !isSide(draft[field]))
    .map((field) => ({ field, rule: { kind: 'side', ...SIDE } }));
}

function isSide(side: number): boolean {
  return isWithin(side, SIDE.min, SIDE.max + 1);
}

function isWithin(number: number, from: number, below: number): boolean {
  return Number.isInteger(number) && number >= from && number < below;
}

/** The rules for where something is; `where` names it. */
export function checkPlace(
  where: string,
  place: { row: number; col: number },
  rows: number,
  cols: number,
): Violation[] {
  const sides = { row: rows, col: cols };
  return (['row', 'col'] as const)
    .filter((field) => !isWithin(place[field], 0, sides[field]))
    .map((field) => ({
      field: `${where}.${field}`,
      rule: { kind: 'outside', last: sides[field] - 1 },
    }));
}

function checkDots({ dots, rows, cols }: BoardDraft): Violation[] {
  const broken: Violation[] = [];
  const cells = new Map<string, number>();
  dots.forEach((dot, index) => {
    // Where the grid itself has no valid size, that is what is reported.
    const limits = [rows, cols].map((side) => (isSide(side) ? side : SIDE.max)) as [number, number];
    broken.push(...checkPlace(`dots[${index}]`, dot, ...limits));
    const key = cellKey(dot);
    const other = cells.get(key);
    cells.set(key, index);
    if (other !== undefined) {
      broken.push({ field: `dots[${index}]`, rule: { kind: 'sameCell', other } });
    }
    if (!isColor(dot.color)) {
      broken.push({ field: `dots[${index}].color`, rule: { kind: 'color' } });
    }
  });
  return [...broken, ...checkPairs(dots)];
}

function checkPairs(dots: Dot[]): Violation[] {
  const colors = new Map<string, number[]>();
  dots.forEach(({ color }, index) => {
    if (!isColor(color)) return;
    const indices = colors.get(color.toLowerCase()) ?? [];
    colors.set(color.toLowerCase(), [...indices, index]);
  });
  return [...colors]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .filter(([, indices]) => indices.length !== 2)
    .map(([color, indices]) => ({
      field: `dots[${indices[0]}].color`,
      rule: { kind: 'pair', color, dots: indices.length },
    }));
}

function isColor(text: string): boolean {
  return /^#[0-9a-f]{6}$/i.test(text);
}

/** A cell as the key of a map. */
export function cellKey({ row, col }: { row: number; col: number }): string {
  return `${row},${col}`;
}
