import { useRef } from 'preact/hooks';
import type { Board } from '../api/client';
import { boards, loadBoards, loadMore } from '../state/boards';
import { hiddenBoards } from '../state/deletions';
import { BoardCard } from '../ui/BoardCard';
import { Failure } from '../ui/Failure';
import { GridPicture } from '../ui/grid/GridPicture';
import { Icon } from '../ui/Icon';
import { Page } from '../ui/Page';

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
        <div class="more">
          <button
            type="button"
            class="button plain"
            aria-disabled={now.loadingMore}
            onClick={loadMore}
          >
            {now.loadingMore ? 'Loading…' : 'Load more'}
          </button>
        </div>
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
  // Only what is newer than the first sight of the list slips in.
  const newest = useRef(items[0]?.id ?? 0);
  return (
    <ul class="cards">
      {items.map((board) => (
        <BoardCard key={board.id} board={board} arrived={board.id > newest.current} />
      ))}
    </ul>
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
