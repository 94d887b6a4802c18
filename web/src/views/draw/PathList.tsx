import type { Board, Path } from '../../api/client';
import { signInPath } from '../../router';
import { removePath } from '../../state/board';
import { deleteSoon } from '../../state/deletions';
import { user } from '../../state/session';
import { LetterDot } from '../../ui/grid/LetterDot';
import { Icon } from '../../ui/Icon';
import { capital, count } from '../../ui/words';
import { colorOf, type Names } from './pairs';

interface Props {
  board: Board;
  paths: readonly Path[];
  names: Names;
  /** One is pointed at, so that it is to be seen on the board. */
  onPick(id: number | null): void;
}

/** One's saved paths. */
export function PathList({ board, paths, names, onPick }: Props) {
  const remove = ({ id }: Path, name: string) =>
    deleteSoon({
      kind: 'path',
      id,
      words: `${name}, drawn on ${board.name},`,
      act: () => removePath(board.id, id),
    });

  return (
    <section class="panel" aria-labelledby="paths">
      <div class="section-head">
        {/* The focus comes here when the path that had it is gone. */}
        <h2 id="paths" tabIndex={-1}>
          Your paths
        </h2>
        <span>{paths.length > 0 && paths.length}</span>
      </div>
      {paths.length === 0 && (
        <p class="quiet-text">
          {user.value === null ? <SignInNote /> : 'None yet. Only you see what you draw.'}
        </p>
      )}
      <ul class="path-list">
        {paths.map((path, index) => {
          const color = path.connects ?? colorOf(board, path.cells);
          const name = color ? capital(names.ofColor(color)) : 'Path';
          return (
            <li
              key={path.id}
              onMouseEnter={() => onPick(path.id)}
              onMouseLeave={() => onPick(null)}
            >
              {color && <LetterDot color={color} text={names.marks.get(color)} />}
              <span>
                {name}{' '}
                <small>
                  {count(path.cells.length, 'cell')}, {path.connects ? 'joined' : 'not joined'}
                </small>
              </span>
              <button
                type="button"
                class="icon-button"
                aria-label={`Delete path ${index + 1}: ${name}`}
                onFocus={() => onPick(path.id)}
                onBlur={() => onPick(null)}
                onClick={() => {
                  remove(path, name);
                  document.getElementById('paths')?.focus();
                }}
              >
                <Icon name="trash" />
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function SignInNote() {
  return (
    <>
      <a href={signInPath()}>Sign in</a> to draw on this board.
    </>
  );
}
