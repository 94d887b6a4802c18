import { useMemo, useRef } from 'preact/hooks';
import type { Board } from '../api/client';
import { boards, loadBoards, loadMore } from '../state/boards';
import { hiddenBoards } from '../state/deletions';
import { BoardCard, GoneCard } from '../ui/BoardCard';
import { Failure } from '../ui/Failure';
import { GridPicture } from '../ui/grid/GridPicture';
import { Icon } from '../ui/Icon';
import { More } from '../ui/More';
import { Page } from '../ui/Page';
import { count } from '../ui/words';
import { useArranged } from './useArranged';

export function Boards() {
  const now = boards.value;
  const items =
    now.state === 'ready' ? now.items.filter((it) => !hiddenBoards.value.has(it.id)) : [];
  return (
    <Page
      title="Boards"
      lead="Pick a board and join its dots. What others make shows up here as it happens."
      actions={<NewBoardLink />}
    >
      {now.state === 'loading' && <Skeleton />}
      {now.state === 'error' && <Failure error={now.problem} retry={loadBoards} />}
      {now.state === 'ready' && items.length === 0 && <NoBoards />}
      {items.length > 0 && <Cards items={items} />}
      {now.state === 'ready' && now.problem && <Failure error={now.problem} retry={loadMore} />}
      {now.state === 'ready' && now.more && !now.problem && (
        <More label="Load more" byItself isBusy={now.loadingMore} onMore={loadMore} />
      )}
    </Page>
  );
}

function NewBoardLink() {
  return (
    <a class="button" href="/new">
      <Icon name="plus" />
      New board
    </a>
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
            {count(waiting, 'new board')}
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

function Skeleton() {
  return (
    <ul class="cards" aria-busy="true" aria-label="Loading boards">
      {Array.from({ length: 8 }, (_, index) => (
        <li class="card" key={index}>
          <div class="skeleton square" />
          <div class="skeleton line" />
          <div class="skeleton line short" />
        </li>
      ))}
    </ul>
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
      <p>No boards yet. Make the first one.</p>
      <NewBoardLink />
    </div>
  );
}
