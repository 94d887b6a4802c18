import type { BoardDraft, Cell, Dot } from '../../api/client';
import { checkBoard, SIDE } from '../../rules/board';
import { distance } from '../../rules/path';
import { colorName, lettersOf, PALETTE } from '../../ui/grid/colors';
import { capital, count } from '../../ui/words';

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

/** Why a draft cannot be saved: the broken rules in words for whoever made it. */
export function reasons(draft: BoardDraft): string[] {
  const broken = checkBoard(draft);
  const letters = lettersOf(draft.dots);
  const said = new Set<string>();
  for (const { field, message } of broken) {
    const [, index, part] = /^dots\[(\d+)\](?:\.(\w+))?$/.exec(field) ?? [];
    const dot = draft.dots[Number(index)];
    if (field === 'name')
      said.add(draft.name.trim() === '' ? 'Give the board a name.' : `The name ${message}.`);
    else if (field === 'rows' || field === 'cols')
      said.add(`${field === 'rows' ? 'Rows' : 'Columns'} ${message}.`);
    else if (dot && part === 'color') {
      const name = `${colorName(dot.color)} ${letters.get(dot.color)}`;
      said.add(`${capital(name)} needs two dots and has ${dotsOf(draft, dot.color)}.`);
    } else said.add(outsideWords(draft));
  }
  return [...said];
}

/** Said when the grid has become too small for its dots. */
function outsideWords(draft: BoardDraft): string {
  const number = draft.dots.filter(isOutside(draft)).length;
  return `${count(number, 'dot lies', 'dots lie')} outside of the grid now.`;
}

/** A side as one may type it, or what to show while it is not valid. */
export function sideOr(side: number, otherwise: number): number {
  return Number.isInteger(side) && side >= SIDE.min && side <= SIDE.max ? side : otherwise;
}
