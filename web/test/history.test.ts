import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Drawing } from '../src/rules/drawing';
import {
  did,
  type History,
  LONGEST_HISTORY,
  NO_HISTORY,
  redo,
  type Step,
  undo,
} from '../src/views/draw/history';

/** What is on a board: the line being drawn, and the finished ones. */
interface Sheet {
  line: Drawing | null;
  lines: readonly Drawing[];
}

const drawing = (length: number): Drawing => ({
  color: '#e5343d',
  cells: Array.from({ length }, (_, col) => ({ row: 0, col })),
});

function apply({ lines }: Sheet, { after, added, removed }: Step): Sheet {
  return { line: after, lines: [...lines.filter((it) => !removed.includes(it)), ...added] };
}

/** Lines are in no order. */
const content = ({ line, lines }: Sheet) => ({
  line,
  lines: new Set(lines),
});

type Act = 'draw' | 'finish' | 'drop' | 'clear' | 'undo' | 'redo';
const acts = fc.array(fc.constantFrom<Act>('draw', 'finish', 'drop', 'clear', 'undo', 'redo'));

interface State {
  sheet: Sheet;
  history: History;
}

const START: State = { sheet: { line: null, lines: [] }, history: NO_HISTORY };

function act({ sheet, history }: State, what: Act): State {
  if (what === 'undo' || what === 'redo') {
    const turn = (what === 'undo' ? undo : redo)(history);
    return turn ? { sheet: apply(sheet, turn.step), history: turn.history } : { sheet, history };
  }
  const { line, lines } = sheet;
  const steps: Record<typeof what, Step> = {
    draw: { before: line, after: drawing((line?.cells.length ?? 0) + 1), added: [], removed: [] },
    finish: { before: line, after: null, added: line ? [line] : [], removed: [] },
    drop: { before: line, after: line, added: [], removed: lines.slice(0, 1) },
    clear: { before: line, after: null, added: [], removed: lines },
  };
  const step = steps[what];
  return { sheet: apply(sheet, step), history: did(history, step) };
}

describe('the history of a board', () => {
  it('is as it was when what was undone is done again', () => {
    fc.assert(
      fc.property(acts, (all) => {
        const state = all.reduce(act, START);
        if (state.history.done.length === 0) return;
        const again = act(act(state, 'undo'), 'redo');
        expect(content(again.sheet)).toEqual(content(state.sheet));
        expect(again.history).toEqual(state.history);
      }),
    );
  });

  it('leads back to the empty board, and from there to where one was', () => {
    fc.assert(
      fc.property(acts, (all) => {
        const state = all.slice(0, LONGEST_HISTORY).reduce(act, START);
        const count = state.history.done.length;
        let now = state;
        for (let turn = 0; turn < count; turn += 1) now = act(now, 'undo');
        expect(content(now.sheet)).toEqual(content(START.sheet));
        for (let turn = 0; turn < count; turn += 1) now = act(now, 'redo');
        expect(content(now.sheet)).toEqual(content(state.sheet));
      }),
    );
  });

  it('forgets what was undone when something new is done', () => {
    const undone = (['draw', 'finish', 'undo'] as const).reduce(act, START);
    expect(undone.history.undone).toHaveLength(1);
    expect(act(undone, 'draw').history.undone).toEqual([]);
  });

  it('has no step that changes nothing', () => {
    const drawn = act(START, 'draw');
    expect(act(drawn, 'drop').history).toBe(drawn.history);
  });

  it('grows only so far', () => {
    const all = Array.from({ length: LONGEST_HISTORY + 5 }, (): Act => 'draw');
    expect(all.reduce(act, START).history.done).toHaveLength(LONGEST_HISTORY);
  });
});
