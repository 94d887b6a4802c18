import type { ComponentChildren } from 'preact';
import { adminTexts } from '../../language/admin/texts';
import { Failure } from '../../ui/Failure';
import { More } from '../../ui/More';
import type { Pages } from './usePages';

interface Props<T> {
  now: Pages<T>;
  /** What there is in place of a list without items. */
  nothing?: string;
  reload(): void;
  more(): void;
  children(item: T): ComponentChildren;
}

/** A list as far as it was read. */
export function List<T extends { id: number }>({ now, nothing, reload, more, children }: Props<T>) {
  if (now.state === 'loading') {
    return (
      <div aria-busy="true">
        <div class="skeleton line" />
        <div class="skeleton line short" />
      </div>
    );
  }
  if (now.state === 'error') return <Failure error={now.problem} retry={reload} />;
  const { items, next, isBusy, problem } = now;
  return (
    <>
      {items.length === 0 && nothing && <p class="quiet-text">{nothing}</p>}
      {items.length > 0 && (
        <ul class="admin-list">
          {items.map((it) => (
            <li key={it.id}>{children(it)}</li>
          ))}
        </ul>
      )}
      {problem && <Failure error={problem} retry={more} />}
      {next !== null && !problem && (
        <More label={adminTexts().more} isBusy={isBusy} onMore={more} />
      )}
    </>
  );
}
