import { useRef } from 'preact/hooks';
import type { Board } from '../../api/client';
import { t } from '../../language/texts';
import { replaceWith } from '../../router';
import { copyPath } from '../../routes';
import { removeBoard } from '../../state/boards';
import { deleteSoon } from '../../state/deletions';
import { Icon } from '../../ui/Icon';
import { useDismissable } from '../../ui/useDismissable';

export interface MenuProps {
  board: Board;
  /** Whether one may change it: its creator, and administrators. */
  isOwn: boolean;
  onRestart(): void;
}

/** What is rarely done with a board. */
export function BoardMenu({ board, isOwn, onRestart }: MenuProps) {
  const texts = t().draw;
  const menu = useRef<HTMLDetailsElement>(null);
  useDismissable(menu);

  const restart = () => {
    onRestart();
    menu.current?.querySelector('summary')?.focus();
    menu.current?.removeAttribute('open');
  };

  const remove = () => {
    const { id, name } = board;
    deleteSoon({
      kind: 'board',
      ids: [id],
      deleted: () => t().draw.boardDeleted(name),
      kept: () => t().draw.boardKept(name),
      act: removeBoard,
    });
    replaceWith('/');
  };

  return (
    <details class="menu" ref={menu}>
      <summary class="icon-button" title={texts.more}>
        <span class="sr-only">{texts.more}</span>
        <Icon name="more" />
      </summary>
      <div class="menu-panel">
        <button type="button" class="button plain small" onClick={restart}>
          <Icon name="restart" />
          {texts.restart}
        </button>
        <a class="button plain small" href={copyPath(board.id)}>
          <Icon name="board" />
          {texts.likeThis}
        </a>
        {isOwn && (
          <>
            <button type="button" class="button danger small" onClick={remove}>
              <Icon name="trash" />
              {texts.remove}
            </button>
            <p>{texts.removeLead}</p>
          </>
        )}
      </div>
    </details>
  );
}
