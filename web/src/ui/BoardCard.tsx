import type { Board } from '../api/client';
import { boardPath } from '../routes';
import { GridPicture } from './grid/GridPicture';

interface Props {
  board: Board;
  /** It came while one was looking. */
  arrived: boolean;
}

export function BoardCard({ board, arrived }: Props) {
  return (
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
  );
}
