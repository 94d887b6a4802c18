import { useMemo, useRef } from 'preact/hooks';
import type { Board } from '../../api/client';
import { t } from '../../language/texts';
import { boards, loadBoards, loadMore } from '../../state/boards';
import { hiddenBoards } from '../../state/deletions';
import { BoardCard, GoneCard } from '../../ui/BoardCard';
import { Failure } from '../../ui/Failure';
import { GridPicture } from '../../ui/grid/GridPicture';
import { Icon } from '../../ui/Icon';
import { More } from '../../ui/More';
import { Skeleton } from './Skeleton';
import { useArranged } from './useArranged';

/** All boards, the newest first, as they come and go. */
export function AllBoards() {
  const now = boards.value;
  if (now.state === 'loading') return <Skeleton />;
  if (now.state === 'error') return <Failure error={now.problem} retry={loadBoards} />;
  const items = now.items.filter((it) => !hiddenBoards.value.has(it.id));
  return (
    <>
      {items.length === 0 ? <NoBoards /> : <Cards items={items} />}
      {now.problem && <Failure error={now.problem} retry={loadMore} />}
      {now.more && !now.problem && (
        <More label={t().boards.more} byItself isBusy={now.loadingMore} onMore={loadMore} />
      )}
    </>
  );
}

function Cards({ items }: { items: readonly Board[] }) {
  const list = useRef<HTMLUListElement>(null);
  const { ids, waiting, showAll } = useArranged(items, list);
  const byId = useMemo(() => new Map(items.map((it) => [it.id, it])), [items]);
  // Only what is newer than the first sight of the list slips in.
  const newest = useRef(items[0]?.id ?? 0);
  return (
    <>
      {waiting > 0 && (
        <div class="news">
          <button type="button" class="button" onClick={showAll}>
            <Icon name="up" />
            {t().boards.waiting(waiting)}
          </button>
        </div>
      )}
      <ul class="cards" ref={list}>
        {ids.map((id) => {
          const board = byId.get(id);
          if (!board) return <GoneCard key={id} />;
          return <BoardCard key={id} board={board} arrived={id > newest.current} />;
        })}
      </ul>
    </>
  );
}

const SAMPLE = [
  { row: 0, col: 0, color: '#f4503b' },
  { row: 2, col: 1, color: '#f4503b' },
  { row: 0, col: 2, color: '#2f6bff' },
  { row: 2, col: 2, color: '#2f6bff' },
];

function NoBoards() {
  return (
    <div class="empty">
      <GridPicture rows={3} cols={3} dots={SAMPLE} />
      <p>{t().boards.none}</p>
      <NewBoardLink />
    </div>
  );
}

export function NewBoardLink({ plain = false }: { plain?: boolean }) {
  return (
    <a class={plain ? 'button plain' : 'button'} href="/new">
      <Icon name="plus" />
      {t().boards.make}
    </a>
  );
}
