import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../../language/texts';
import { scrollStart } from '../../router';
import { hiddenBoards } from '../../state/deletions';
import { find, findAnew, findMore, found, type Wish } from '../../state/found';
import { BoardCard, GoneCard } from '../../ui/BoardCard';
import { Failure } from '../../ui/Failure';
import { More } from '../../ui/More';
import { Skeleton } from './Skeleton';

interface Props {
  wish: Wish;
  /** What is there in place of boards when there are none. */
  nothing: ComponentChildren;
  /** Goes on by itself as one scrolls. */
  byItself: boolean;
}

/** Boards that are looked for. What is new does not come in by itself. */
export function FoundBoards({ wish, nothing, byItself }: Props) {
  const words = t().boards;
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) findAnew(wish, scrollStart > 0);
    else find(wish);
    isFirst.current = false;
  }, [wish.name, wish.creator, wish.solved, wish.sort]);

  const now = found.value;
  if (now.state === 'loading') return <Skeleton />;
  if (now.state === 'error') return <Failure error={now.problem} retry={() => find(wish)} />;
  const { gone, next, isBusy, problem } = now;
  const items = now.items.filter((it) => !hiddenBoards.value.has(it.id));
  const isNothing = items.length === 0 && next === null && !isBusy;
  return (
    <>
      <p class="found-count" role="status">
        {!isBusy && words.found(items.length, next === null)}
      </p>
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
      {isNothing && nothing}
      {problem && <Failure error={problem} retry={findMore} />}
      {next !== null && !problem && (
        <More label={words.more} byItself={byItself} isBusy={isBusy} onMore={findMore} />
      )}
    </>
  );
}
