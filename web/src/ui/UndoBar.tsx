import { useRef } from 'preact/hooks';
import { t } from '../language/texts';
import { deletionFault, undoable, undoDeletion } from '../state/deletions';
import { Icon } from './Icon';

/** Says what was deleted, and takes it back. Always there, so that it is read out when it has something to say. */
export function UndoBar() {
  const { draw, common } = t();
  /** What had the focus before the bar. */
  const before = useRef<HTMLElement | null>(null);
  const doomed = undoable.value;
  const fault = deletionFault.value;

  const onFocusIn = (event: FocusEvent & { currentTarget: HTMLElement }) => {
    const from = event.relatedTarget;
    if (from instanceof HTMLElement || from instanceof SVGElement)
      if (!event.currentTarget.contains(from)) before.current = from as HTMLElement;
  };

  /** Gives the focus back, because what has it goes away. */
  const leave = (act: () => void) => () => {
    act();
    const to = before.current?.isConnected ? before.current : document.getElementById('main');
    to?.focus({ preventScroll: true });
  };

  return (
    <section class="undo-bar" aria-label={draw.deletions} aria-live="polite" onFocusIn={onFocusIn}>
      {doomed && (
        <div class="toast">
          <p>{doomed.deleted()}</p>
          <button type="button" class="button plain small" onClick={leave(undoDeletion)}>
            {draw.undo}
          </button>
        </div>
      )}
      {fault && (
        <div class="toast">
          <p>{fault()}</p>
          <button
            type="button"
            class="icon-button"
            aria-label={common.dismiss}
            onClick={leave(() => {
              deletionFault.value = null;
            })}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </section>
  );
}
