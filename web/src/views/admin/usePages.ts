import { useSignal } from '@preact/signals';
import { useCallback, useRef } from 'preact/hooks';
import type { Page } from '../../api/admin';
import { LONGEST_PAGE } from '../../api/client';
import type { Problem } from '../../api/problem';
import { noteRefusal } from './refusal';

export type Pages<T> =
  | { state: 'loading' }
  | { state: 'error'; problem: Problem }
  | {
      state: 'ready';
      items: readonly T[];
      /** Where the list goes on; null at its end. */
      next: number | null;
      /** The next page is being read. */
      isBusy: boolean;
      /** What reading the next page failed with. */
      problem: Problem | null;
    };

type Read<T> = (query: { limit: number; before?: number }) => Promise<Page<T>>;

/** Few, as another list follows. */
const PAGE = 20;

/** A list that is read a page at a time, and read again as far as it is shown. */
export function usePages<T extends { id: number }>(read: Read<T>) {
  const pages = useSignal<Pages<T>>({ state: 'loading' });
  /** Of several reads that are on their way the last one counts. */
  const turn = useRef(0);
  const latest = useRef(read);
  latest.current = read;

  /** Reads the list again, or another one from its start. What is shown stays until it is there. */
  const reload = useCallback(
    async (isAnother = false) => {
      turn.current += 1;
      const mine = turn.current;
      const shown = pages.peek();
      const count = shown.state === 'ready' && !isAnother ? shown.items.length : 0;
      try {
        const { items, next_before } = await readAtLeast(latest.current, count);
        if (mine !== turn.current) return;
        pages.value = {
          state: 'ready',
          items,
          next: next_before ?? null,
          isBusy: false,
          problem: null,
        };
      } catch (problem) {
        noteRefusal(problem);
        if (mine === turn.current && (pages.peek().state !== 'ready' || isAnother))
          pages.value = { state: 'error', problem: problem as Problem };
      }
    },
    [pages],
  );

  const more = useCallback(async () => {
    const now = pages.peek();
    if (now.state !== 'ready' || now.isBusy || now.next === null) return;
    turn.current += 1;
    const mine = turn.current;
    pages.value = { ...now, isBusy: true, problem: null };
    const page = await latest
      .current({ limit: PAGE, before: now.next })
      .catch((problem: Problem) => problem);
    if (mine !== turn.current) return;
    pages.value =
      page instanceof Error
        ? { ...now, problem: page }
        : { ...now, items: [...now.items, ...page.items], next: page.next_before ?? null };
  }, [pages]);

  /** Puts what an item is by now into its place. */
  const put = useCallback(
    (item: T) => {
      const now = pages.peek();
      if (now.state !== 'ready') return;
      pages.value = { ...now, items: now.items.map((it) => (it.id === item.id ? item : it)) };
    },
    [pages],
  );

  return { now: pages.value, reload, more, put };
}

async function readAtLeast<T>(read: Read<T>, count: number): Promise<Page<T>> {
  const limit = (missing: number) => Math.min(Math.max(missing, PAGE), LONGEST_PAGE);
  let { items, next_before } = await read({ limit: limit(count) });
  while (items.length < count && next_before != null) {
    const page = await read({ limit: limit(count - items.length), before: next_before });
    items = [...items, ...page.items];
    next_before = page.next_before;
  }
  return next_before == null ? { items } : { items, next_before };
}
