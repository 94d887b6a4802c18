import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type Entry, type Filter, follow, type State } from '../../stream/raw';

/** So many entries are kept; older ones go. */
const MOST = 500;

export interface Numbered {
  /** In the order in which they came, as a key. */
  number: number;
  entry: Entry;
}

/** The stream as it comes, from when the view opens until it closes. */
export function useLog(filter: Filter) {
  const entries = useSignal<readonly Numbered[]>([]);
  const held = useSignal<readonly Numbered[]>([]);
  const paused = useSignal(false);
  const connection = useSignal<{ state: State; detail: string }>({
    state: 'connecting',
    detail: '',
  });
  const number = useRef(0);

  useEffect(() => {
    const stop = new AbortController();
    follow(
      filter,
      {
        entries(came) {
          const added = came.map((entry) => {
            number.current += 1;
            return { number: number.current, entry };
          });
          const to = paused.value ? held : entries;
          to.value = [...to.value, ...added].slice(-MOST);
        },
        state(state, detail) {
          connection.value = { state, detail };
        },
      },
      stop.signal,
    );
    return () => stop.abort();
  }, [filter, connection, entries, held, paused]);

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
