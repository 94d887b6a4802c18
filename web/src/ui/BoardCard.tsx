import { useMemo } from 'preact/hooks';
import type { Board } from '../api/client';
import { t } from '../language/texts';
import { boardPath, userPath } from '../routes';
import { connects, joinedColors } from '../rules/path';
import { ownPaths, wantPaths } from '../state/progress';
import { GridPicture } from './grid/GridPicture';
import { Icon } from './Icon';

interface Props {
  board: Board;
  /** It came while one was looking. */
  arrived: boolean;
}

export function BoardCard({ board, arrived }: Props) {
  const words = t().boards;
  const own = ownPaths(board.id).value;
  // A list has hundreds, and an event changes one.
  return useMemo(() => {
    const { id, name, creator_username: maker, rows, cols, dots, solved_count } = board;
    const paths = own.map(({ cells }) => ({ cells, connects: connects(dots, cells) }));
    const joined = joinedColors(dots, paths).size;
    const lines = paths.map(({ cells, connects: color }) => ({ cells, color }));
    return (
      <li class={arrived ? 'card arrived' : 'card'}>
        <div class="card-picture">
          <GridPicture
            rows={rows}
            cols={cols}
            dots={dots}
            lines={lines}
            onNear={() => wantPaths(id)}
          />
          {board.solved ? (
            <p class="card-mark solved">
              <Icon name="check" />
              <span class="sr-only">{words.solved}</span>
            </p>
          ) : (
            joined > 0 && (
              <p class="card-mark">
                <span aria-hidden="true">{`${joined}/${dots.length / 2}`}</span>
                <span class="sr-only">{words.joined(joined, dots.length / 2)}</span>
              </p>
            )
          )}
        </div>
        <h2>
          <a href={boardPath(id)}>{name}</a>
        </h2>
        <div class="card-facts">
          <p>
            <a class="maker" href={userPath(maker)} aria-label={words.by(maker)}>
              {maker}
            </a>
            <span>
              {rows} × {cols}
            </span>
          </p>
          <p>{words.solvedBy(solved_count)}</p>
        </div>
      </li>
    );
  }, [board, arrived, own, words]);
}

/** In the place of a board that was deleted while one was looking. */
export function GoneCard() {
  return (
    <li class="card gone">
      <div class="picture" />
      <p>{t().boards.gone}</p>
    </li>
  );
}
