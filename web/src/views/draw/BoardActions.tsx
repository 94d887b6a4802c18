import { useSignal } from '@preact/signals';
import type { Board } from '../../api/client';
import { t } from '../../language/texts';
import { boardPath, editPath } from '../../routes';
import { copy } from '../../ui/clipboard';
import { Icon } from '../../ui/Icon';

interface Props {
  board: Board;
  /** Whether one may change it: its creator, and administrators. */
  isOwn: boolean;
}

/** Beside the name of a board: changing it, and telling others of it. */
export function BoardActions({ board, isOwn }: Props) {
  const texts = t().draw;
  const says = useSignal<(() => string) | null>(null);
  const copyLink = async () => {
    const url = location.origin + boardPath(board.id);
    const isCopied = await copy(url);
    says.value = () => (isCopied ? t().draw.linkCopied : url);
  };
  return (
    <>
      <span role="status">{says.value?.()}</span>
      {isOwn && (
        <a class="icon-button" href={editPath(board.id)} aria-label={texts.edit} title={texts.edit}>
          <Icon name="pencil" />
        </a>
      )}
      <button
        type="button"
        class="icon-button"
        aria-label={texts.copyLink}
        title={texts.copyLink}
        onClick={copyLink}
      >
        <Icon name="copy" />
      </button>
    </>
  );
}
