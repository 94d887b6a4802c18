import { deletionFault, undoable, undoDeletion } from '../state/deletions';
import { Icon } from './Icon';

/** Says what was deleted, and takes it back. Always there, so that it is read out when it has something to say. */
export function UndoBar() {
  const doomed = undoable.value;
  return (
    <section class="undo-bar" aria-label="Deleted" aria-live="polite">
      {doomed && (
        <div class="toast">
          <p>{doomed.words} was deleted.</p>
          <button type="button" class="button plain small" onClick={undoDeletion}>
            Undo
          </button>
        </div>
      )}
      {deletionFault.value && (
        <div class="toast">
          <p>{deletionFault.value}</p>
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss"
            onClick={() => {
              deletionFault.value = '';
            }}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </section>
  );
}
