import type { BoardDraft, Cell, Dot } from '../../api/client';
import { t } from '../../language/texts';
import { checkBoard, SIDE } from '../../rules/board';
import { distance } from '../../rules/path';
import type { Violation } from '../../rules/rule';
import { colorName, marksOf, PALETTE } from '../../ui/grid/colors';
import { brokenRule } from '../../ui/words';

export const EMPTY: BoardDraft = { name: '', rows: 6, cols: 6, dots: [] };

export function dotAt(draft: BoardDraft, cell: Cell): Dot | undefined {
  return draft.dots.find((dot) => distance(dot, cell) === 0);
}

/** How many dots a colour has; it is done with two. */
export function dotsOf(draft: BoardDraft, color: string): number {
  return draft.dots.filter((dot) => dot.color === color).length;
}

/** Places a dot, or takes the one away that is there. A colour that is done gets no third one: then nothing changes. */
export function toggleDot(draft: BoardDraft, cell: Cell, color: string): BoardDraft {
  if (dotAt(draft, cell)) return removeDot(draft, cell);
  if (dotsOf(draft, color) >= 2) return draft;
  return { ...draft, dots: [...draft.dots, { ...cell, color }] };
}

export function removeDot(draft: BoardDraft, cell: Cell): BoardDraft {
  return { ...draft, dots: draft.dots.filter((dot) => distance(dot, cell) > 0) };
}

/** The colours to choose from: the palette's, and others that were added or are on the board. */
export function paletteOf(draft: BoardDraft, added: readonly string[]): string[] {
  return [
    ...new Set([...PALETTE.map((it) => it.color), ...added, ...draft.dots.map((it) => it.color)]),
  ];
}

/** The colour to go on with: this one until it is done, then the next that is not, after it or else from the start. */
export function nextColor(draft: BoardDraft, palette: readonly string[], current: string): string {
  const at = palette.indexOf(current);
  const round = [...palette.slice(at), ...palette.slice(0, at)];
  return round.find((color) => dotsOf(draft, color) < 2) ?? current;
}

export const isOutside = (draft: BoardDraft) => (dot: Dot) =>
  dot.row >= draft.rows || dot.col >= draft.cols;

export function removeOutside(draft: BoardDraft): BoardDraft {
  const outside = isOutside(draft);
  return { ...draft, dots: draft.dots.filter((dot) => !outside(dot)) };
}

/** A colour, with the letter that tells it from the others of a board where it has one; `letters` are the board's. */
export function nameIn(letters: ReadonlyMap<string, string>, color: string): string {
  return [colorName(color), letters.get(color)].filter(Boolean).join(' ');
}

export interface Reason {
  about: 'name' | 'rows' | 'cols' | 'dots';
  words: string;
}

/** Why a draft cannot be saved: the broken rules in words for whoever made it, each thing once. */
export function reasons(draft: BoardDraft, withLetters = false): Reason[] {
  const letters = marksOf(draft.dots, withLetters);
  const said = new Map<string, Reason>();
  for (const violation of checkBoard(draft)) {
    const reason = reasonFor(draft, letters, violation);
    said.set(reason.words, reason);
  }
  return [...said.values()];
}

function reasonFor(
  draft: BoardDraft,
  letters: ReadonlyMap<string, string>,
  { field, rule }: Violation,
): Reason {
  const texts = t().editor;
  if (field === 'name') {
    const isMissing = draft.name.trim() === '';
    const words = isMissing ? texts.nameMissing : texts.broken.name(brokenRule(rule));
    return { about: field, words };
  }
  if (field === 'rows' || field === 'cols') {
    return { about: field, words: texts.broken[field](brokenRule(rule)) };
  }
  if (rule.kind === 'pair') {
    const words = texts.pairIncomplete(nameIn(letters, rule.color), rule.dots);
    return { about: 'dots', words };
  }
  // The grid has become too small for its dots.
  const outside = draft.dots.filter(isOutside(draft)).length;
  return { about: 'dots', words: texts.dotsOutside(outside) };
}

/** A side as one may type it, or what to show while it is not valid. */
export function sideOr(side: number, otherwise: number): number {
  return Number.isInteger(side) && side >= SIDE.min && side <= SIDE.max ? side : otherwise;
}
