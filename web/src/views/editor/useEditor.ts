import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Board, BoardDraft, Cell } from '../../api/client';
import { inWords, Problem } from '../../api/problem';
import { t } from '../../language/texts';
import { navigate, replaceWith, signInPath } from '../../router';
import { boardPath } from '../../routes';
import { ruleIn } from '../../rules/rule';
import { user } from '../../state/session';
import { colorName } from '../../ui/grid/colors';
import { letters as withLetters } from '../../ui/grid/letters';
import { brokenRule } from '../../ui/words';
import { dotsOf, nextColor, paletteOf, type Reason, reasons, sideOr, toggleDot } from './draft';

interface Kept {
  draft: BoardDraft;
  etag: string;
  /** It is saved as soon as its owner has signed in. */
  saves?: boolean;
}

/** What is edited: the board with this id, a new one, or a new one like another. */
export type Key = number | 'new' | `like ${number}`;

/** What was edited and not saved. It outlives the view, because signing in leads away from it. */
const kept = new Map<Key, Kept>();

export const forget = (key: Key) => kept.delete(key);

export interface Source {
  key: Key;
  /** What one begins with. */
  draft: BoardDraft;
  /** Of which version that is. */
  etag: string;
  /** It was changed elsewhere in the meantime. */
  stale: boolean;
  save(draft: BoardDraft, overwrite: boolean): Promise<Board>;
}

/** A board being defined. */
export function useEditor(source: Source) {
  const draft = useSignal(kept.get(source.key)?.draft ?? source.draft);
  const added = useSignal<string[]>([]);
  const palette = paletteOf(draft.value, added.value);
  const color = useSignal(nextColor(draft.value, palette, palette[0] as string));
  const saving = useSignal(false);
  const error = useSignal<unknown>(null);
  /** Put into words when it is shown, in the language of then. */
  const says = useSignal<(() => string) | null>(null);
  /** Whether what is wrong is also shown beside the fields: not before one has tried to save. */
  const tried = useSignal(false);
  const size = useRef({ rows: 6, cols: 6 });
  size.current = {
    rows: sideOr(draft.value.rows, size.current.rows),
    cols: sideOr(draft.value.cols, size.current.cols),
  };

  // What was kept may be of an older version than what is loaded now.
  const isStale = source.stale || (kept.get(source.key)?.etag ?? source.etag) !== source.etag;
  const why = reasons(draft.value, withLetters.value);

  const put = (next: BoardDraft) => {
    if (!kept.has(source.key)) kept.set(source.key, { draft: next, etag: source.etag });
    (kept.get(source.key) as Kept).draft = next;
    draft.value = next;
    error.value = null;
    says.value = null;
  };

  const change = (part: Partial<BoardDraft>) => put({ ...draft.value, ...part });

  const toggle = (cell: Cell) => {
    const next = toggleDot(draft.value, cell, color.value);
    if (next === draft.value) {
      const full = color.value;
      says.value = () => t().editor.colorIsFull(colorName(full));
      return;
    }
    const before = color.value;
    const isPlaced = next.dots.length > draft.value.dots.length;
    put(next);
    if (isPlaced && dotsOf(next, before) === 2) {
      const after = nextColor(next, palette, before);
      color.value = after;
      says.value = () =>
        after === before
          ? t().editor.colorIsDone(colorName(before))
          : t().editor.colorIsDoneNext(colorName(before), colorName(after));
    }
  };

  const addColor = (custom: string) => {
    added.value = [...added.value, custom];
    color.value = custom;
  };

  const saveLater = () => {
    (kept.get(source.key) as Kept).saves = true;
  };

  useEffect(() => {
    const mine = kept.get(source.key);
    if (!mine?.saves) return;
    mine.saves = false;
    if (user.value) save(false);
  }, []);

  const save = async (overwrite: boolean) => {
    tried.value = true;
    if (why.length > 0 || saving.value || (isStale && !overwrite)) return;
    put(draft.value);
    if (user.value === null) {
      saveLater();
      navigate(signInPath());
      return;
    }
    saving.value = true;
    error.value = null;
    try {
      const { id } = await source.save(draft.value, overwrite);
      forget(source.key);
      replaceWith(boardPath(id));
    } catch (reason) {
      error.value = reason;
      // The page goes to the sign-in by itself.
      if (reason instanceof Problem && reason.status === 401) saveLater();
    } finally {
      saving.value = false;
    }
  };

  const fields = error.value instanceof Problem ? error.value.fields : [];
  /** What the server said is wrong with a field. */
  const fieldError = (field: Reason['about']): string | undefined => {
    const told = fields.find((it) => it.field === field || it.field.startsWith(`${field}[`));
    if (!told) return undefined;
    const rule = ruleIn(told.message);
    return t().editor.broken[field](rule ? brokenRule(rule) : told.message);
  };

  const isTold =
    fields.some((it) => /^(name|rows|cols|dots)\b/.test(it.field)) ||
    (error.value instanceof Problem && error.value.code === 'stale_version');
  return {
    draft,
    palette,
    color,
    saving,
    says: says.value?.() ?? '',
    tried,
    size: size.current,
    isStale,
    reasons: why,
    /** What has no place beside a field. */
    failure: error.value && !isTold ? inWords(error.value) : '',
    put,
    change,
    toggle,
    addColor,
    save,
    fieldError,
  };
}

export type UseEditor = ReturnType<typeof useEditor>;
