import { useSignal } from '@preact/signals';
import type { Board } from '../../api/client';
import { inWords } from '../../api/problem';
import { replaceWith } from '../../router';
import { editPath } from '../../routes';
import { removeBoard } from '../../state/boards';
import { Alert } from '../../ui/Alert';
import { Confirm } from '../../ui/Confirm';
import { Icon } from '../../ui/Icon';

/** What only its creator (or an administrator) may do with a board. */
export function OwnerActions({ board }: { board: Board }) {
  const asks = useSignal(false);
  const error = useSignal('');
  const close = () => {
    asks.value = false;
    error.value = '';
  };
  const remove = async () => {
    try {
      await removeBoard(board.id);
      replaceWith('/');
    } catch (reason) {
      error.value = inWords(reason);
    }
  };
  return (
    <>
      <a class="button plain" href={editPath(board.id)}>
        <Icon name="pencil" />
        Edit
      </a>
      <button
        type="button"
        class="button danger"
        onClick={() => {
          asks.value = true;
        }}
      >
        <Icon name="trash" />
        Delete
      </button>
      {asks.value && (
        <Confirm
          title={`Delete ${board.name}?`}
          onClose={close}
          actions={
            <>
              <button type="button" class="button plain" onClick={close}>
                Keep it
              </button>
              <button type="button" class="button danger" onClick={remove}>
                Delete
              </button>
            </>
          }
        >
          <p>The board goes for everybody, and with it all paths that people have drawn on it.</p>
          {error.value && (
            <Alert>
              <p>{error.value}</p>
            </Alert>
          )}
        </Confirm>
      )}
    </>
  );
}
