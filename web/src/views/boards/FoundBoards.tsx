import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Board } from '../../api/client';
import { t } from '../../language/texts';
import { scrollStart } from '../../router';
import { hiddenBoards } from '../../state/deletions';
import { type Found, find, findAnew, findMore, found, type Wish } from '../../state/found';
import { BoardCard, GoneCard } from '../../ui/BoardCard';
import { Failure } from '../../ui/Failure';
import { More } from '../../ui/More';
import { Skeleton } from './Skeleton';

interface Props {
  wish: Wish;
  /** What is there in place of boards when there are none. */
  nothing: ComponentChildren;
  /** Some boards are looked for, and not all: how many were found is told, and the search goes on by itself. */
  isFiltered: boolean;
}

/** Boards that are looked for. What is new does not come in by itself. */
export function FoundBoards({ wish, nothing, isFiltered }: Props) {
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) findAnew(wish, scrollStart > 0);
    else find(wish);
    isFirst.current = false;
  }, [wish.name, wish.creator, wish.solved, wish.sort]);

  const now = found.value;
  const items =
    now.state === 'ready' ? now.items.filter((it) => !hiddenBoards.value.has(it.id)) : [];
  const isTold = isFiltered && now.state === 'ready' && !now.isBusy;
  return (
    <>
      {/* There before it says anything, or nobody would hear it. */}
      {isFiltered && (
        <p class="found-count" role="status">
          {isTold && t().boards.found(items.length, now.next === null)}
        </p>
      )}
      {now.state === 'loading' && <Skeleton />}
      {now.state === 'error' && <Failure error={now.problem} retry={() => find(wish)} />}
      {now.state === 'ready' && (
        <List now={now} items={items} nothing={nothing} byItself={isFiltered} />
      )}
    </>
  );
}

interface ListProps {
  now: Extract<Found, { state: 'ready' }>;
  /** Those of its items that are to be seen. */
  items: readonly Board[];
  nothing: ComponentChildren;
  byItself: boolean;
}

function List({ now, items, nothing, byItself }: ListProps) {
  const { gone, next, isBusy, problem } = now;
  return (
    <>
      {items.length > 0 && (
        <ul class="cards" aria-busy={isBusy}>
          {items.map((board) =>
            gone.has(board.id) ? (
              <GoneCard key={board.id} />
            ) : (
              <BoardCard key={board.id} board={board} arrived={false} />
            ),
          )}
        </ul>
      )}
      {items.length === 0 && next === null && !isBusy && nothing}
      {problem && <Failure error={problem} retry={findMore} />}
      {next !== null && !problem && (
        <More label={t().boards.more} byItself={byItself} isBusy={isBusy} onMore={findMore} />
      )}
    </>
  );
}
