import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Board } from '../../api/client';
import { replaceWith } from '../../router';
import { boardPath, copyPath, editPath } from '../../routes';
import { removeBoard } from '../../state/boards';
import { deleteSoon } from '../../state/deletions';
import { copy } from '../../ui/clipboard';
import { Icon } from '../../ui/Icon';
import { useDismissable } from '../../ui/useDismissable';

interface Props {
  board: Board;
  /** Whether one may change it: its creator, and administrators. */
  isOwn: boolean;
}

/** What can be done with a board beside drawing on it. */
export function BoardActions({ board, isOwn }: Props) {
  return (
    <>
      {isOwn && (
        <a class="button plain" href={editPath(board.id)}>
          <Icon name="pencil" />
          Edit
        </a>
      )}
      <Share board={board} />
      <More board={board} isOwn={isOwn} />
    </>
  );
}

function Share({ board }: { board: Board }) {
  const says = useSignal('');
  const share = async () => {
    const url = location.origin + boardPath(board.id);
    says.value = (await copy(url)) ? 'Link copied.' : url;
  };
  return (
    <>
      <span role="status">{says.value}</span>
      <button type="button" class="button plain" onClick={share}>
        <Icon name="copy" />
        Copy link
      </button>
    </>
  );
}

function More({ board, isOwn }: Props) {
  const menu = useRef<HTMLDetailsElement>(null);
  useDismissable(menu);
  const remove = () => {
    const { id, name } = board;
    deleteSoon({ kind: 'board', id, words: `The board ${name}`, act: () => removeBoard(id) });
    replaceWith('/');
  };
  return (
    <details class="menu" ref={menu}>
      <summary class="button plain">
        <span class="sr-only">More</span>
        <Icon name="more" />
      </summary>
      <div class="menu-panel">
        <a class="button plain small" href={copyPath(board.id)}>
          <Icon name="board" />
          Make a board like this
        </a>
        {isOwn && (
          <>
            <button type="button" class="button danger small" onClick={remove}>
              <Icon name="trash" />
              Delete board
            </button>
            <p>It goes for everybody, and with it all paths that people have drawn on it.</p>
          </>
        )}
      </div>
    </details>
  );
}
