import { useSignal } from '@preact/signals';
import type { Board } from '../../api/client';
import { inWords } from '../../api/problem';
import { t } from '../../language/texts';
import { navigate } from '../../router';
import { boardPath } from '../../routes';
import { nextBoard } from '../../state/next';
import { registrationIsOpen, user } from '../../state/session';
import { copy } from '../../ui/clipboard';
import { Icon } from '../../ui/Icon';
import type { Solved } from './useSolved';

interface Props {
  board: Board;
  solved: Solved;
}

/** That a board is solved, and where to go from there. Always there, so that it is read out when it comes to that. */
export function SolvedPanel({ board, solved: { isSolved, isNews } }: Props) {
  const texts = t().draw;
  const says = useSignal<(() => string) | null>(null);
  const isBusy = useSignal(false);

  const goOn = async () => {
    if (isBusy.value) return;
    isBusy.value = true;
    says.value = null;
    try {
      const id = await nextBoard(board.id);
      if (id === null) says.value = () => t().draw.noNext;
      else navigate(boardPath(id));
    } catch (reason) {
      says.value = () => inWords(reason);
    }
    isBusy.value = false;
  };

  const share = async () => {
    const text = t().draw.iSolved(board.name);
    const url = location.origin + boardPath(board.id);
    if (await shareBySystem({ title: board.name, text, url })) return;
    const isCopied = await copy(`${text}: ${url}`);
    says.value = () => (isCopied ? t().draw.linkCopied : url);
  };

  const isCounted = user.value !== null;
  const toCount = registrationIsOpen.value === false ? texts.signInToCount : texts.signUpToCount;
  const { solved_count: count } = board;
  return (
    <div class={isSolved ? `panel solved ${isNews ? 'just-now' : ''}` : 'sr-only'}>
      <div role="status">
        {isSolved && (
          <>
            <p class="solved-title">
              <Icon name="check" />
              {isNews ? texts.solved : texts.solvedBefore}
            </p>
            <p>{isCounted ? texts.youAndOthers(count) : toCount}</p>
          </>
        )}
      </div>
      {isSolved && (
        <div class="actions">
          <button
            type="button"
            class={isNews ? 'button small' : 'button plain small'}
            aria-disabled={isBusy.value}
            onClick={goOn}
          >
            {texts.next}
            <Icon name="next" />
          </button>
          <button type="button" class="button plain small" onClick={share}>
            <Icon name="share" />
            {texts.share}
          </button>
        </div>
      )}
      <p role="status" class="quiet-text">
        {says.value?.()}
      </p>
    </div>
  );
}

/** Whether the system has a way to share, which was taken, or which one has thought better of. */
async function shareBySystem(what: ShareData): Promise<boolean> {
  try {
    // Not there in insecure contexts; calling it then throws, too.
    await navigator.share(what);
    return true;
  } catch (reason) {
    return reason instanceof DOMException && reason.name === 'AbortError';
  }
}
