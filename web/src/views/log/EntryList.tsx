import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { t } from '../../language/texts';
import type { Numbered } from './useLog';

/** What came, oldest first as in a terminal. It stays at the end unless one has scrolled up. */
export function EntryList({ entries }: { entries: readonly Numbered[] }) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);

  useLayoutEffect(() => {
    if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [entries]);

  const onScroll = ({ currentTarget: it }: { currentTarget: HTMLElement }) => {
    isAtEnd.current = it.scrollHeight - it.scrollTop - it.clientHeight < 24;
  };

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls.
    <section ref={box} class="log" tabIndex={0} aria-label={t().log.events} onScroll={onScroll}>
      {entries.length === 0 && <p class="log-empty">{t().log.empty}</p>}
      <ol>
        {entries.map((it) => (
          <Row key={it.number} {...it} />
        ))}
      </ol>
    </section>
  );
}

function Row({ entry }: Numbered) {
  return useMemo(
    () =>
      entry.kind === 'comment' ? (
        <li class="comment">
          <span>: {entry.text}</span>
        </li>
      ) : (
        <li>
          <span class="log-id">{entry.id ?? '–'}</span>
          <span class="log-event">{entry.event}</span>
          <span class="log-data">
            {entry.data}
            {entry.retry !== null && <span class="quiet-text"> retry: {entry.retry}</span>}
          </span>
        </li>
      ),
    [entry],
  );
}
