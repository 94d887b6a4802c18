import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { erasures } from '../../state/erasure';
import {
  type Entry,
  type Filter,
  follow,
  type Listener,
  type Refusal,
  type State,
  underPresentEntry,
} from './raw';

/** So many entries are kept; older ones go. */
const MOST = 500;

export interface Numbered {
  /** In the order in which they came, as a key. */
  number: number;
  entry: Entry;
}

/** The stream as it comes while the view is to be seen; it goes on where it was when one looks again. */
export function useLog(filter: Filter) {
  const entries = useSignal<readonly Numbered[]>([]);
  const held = useSignal<readonly Numbered[]>([]);
  const paused = useSignal(false);
  const connection = useSignal<{ state: State; why?: Refusal | undefined }>({
    state: 'connecting',
  });
  const number = useRef(0);

  useEffect(() => {
    let after = filter.after;
    let stop = new AbortController();
    const listener: Listener = {
      entries(came) {
        const added = came.map((entry) => {
          if (entry.kind === 'event') after = entry.id ?? after;
          number.current += 1;
          return { number: number.current, entry: underPresentEntry(entry) };
        });
        const to = paused.value ? held : entries;
        to.value = [...to.value, ...added].slice(-MOST);
      },
      state(state, why) {
        connection.value = { state, why };
      },
    };
    // Browsers open six connections to a server, and hidden tabs must not use them up.
    const look = () => {
      stop.abort();
      if (document.visibilityState !== 'visible') return;
      stop = new AbortController();
      follow({ ...filter, after }, listener, stop.signal);
    };
    document.addEventListener('visibilitychange', look);
    look();
    return () => {
      document.removeEventListener('visibilitychange', look);
      stop.abort();
    };
  }, [filter, connection, entries, held, paused]);

  // Streams of one board leave erasures out, so the page's own stream tells of them.
  useSignalEffect(() => {
    if (erasures.value === 0) return;
    for (const some of [entries, held]) {
      some.value = some.peek().map((it) => ({ ...it, entry: underPresentEntry(it.entry) }));
    }
  });

  const pause = () => {
    paused.value = !paused.value;
    if (paused.value) return;
    entries.value = [...entries.value, ...held.value].slice(-MOST);
    held.value = [];
  };

  const clear = () => {
    entries.value = [];
    held.value = [];
  };

  return { entries, held, paused, connection, pause, clear };
}
