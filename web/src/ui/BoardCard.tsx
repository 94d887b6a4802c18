import { useMemo } from 'preact/hooks';
import type { Board } from '../api/client';
import { boardPath } from '../routes';
import { GridPicture } from './grid/GridPicture';

interface Props {
  board: Board;
  /** It came while one was looking. */
  arrived: boolean;
}

export function BoardCard({ board, arrived }: Props) {
  // A list has hundreds, and an event changes one.
  return useMemo(
    () => (
      <li class={arrived ? 'card arrived' : 'card'}>
        <GridPicture rows={board.rows} cols={board.cols} dots={board.dots} />
        <h2>
          <a href={boardPath(board.id)}>{board.name}</a>
        </h2>
        <p>
          <span>
            <span class="sr-only">by </span>
            {board.creator_username}
          </span>
          <span>
            {board.rows} × {board.cols}
          </span>
        </p>
      </li>
    ),
    [board, arrived],
  );
}

/** In the place of a board that was deleted while one was looking. */
export function GoneCard() {
  return (
    <li class="card gone">
      <div class="picture" />
      <p>This board was deleted.</p>
    </li>
  );
}
