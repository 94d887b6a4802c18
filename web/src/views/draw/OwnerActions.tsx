import { useRef } from 'preact/hooks';
import type { Board } from '../../api/client';
import { replaceWith } from '../../router';
import { editPath } from '../../routes';
import { removeBoard } from '../../state/boards';
import { deleteSoon } from '../../state/deletions';
import { Icon } from '../../ui/Icon';
import { useDismissable } from '../../ui/useDismissable';

/** What only its creator (or an administrator) may do with a board. */
export function OwnerActions({ board }: { board: Board }) {
  const menu = useRef<HTMLDetailsElement>(null);
  useDismissable(menu);
  const remove = () => {
    const { id, name } = board;
    deleteSoon({ kind: 'board', id, words: `The board ${name}`, act: () => removeBoard(id) });
    replaceWith('/');
  };
  return (
    <>
      <a class="button plain" href={editPath(board.id)}>
        <Icon name="pencil" />
        Edit
      </a>
      <details class="menu" ref={menu}>
        <summary class="button plain">
          <span class="sr-only">More</span>
          <Icon name="more" />
        </summary>
        <div class="menu-panel">
          <p>The board goes for everybody, and with it all paths that people have drawn on it.</p>
          <button type="button" class="button danger small" onClick={remove}>
            <Icon name="trash" />
            Delete board
          </button>
        </div>
      </details>
    </>
  );
}
