import type { TargetedMouseEvent } from 'preact';
import { adminTexts } from '../../language/admin/texts';
import { Confirm } from '../../ui/Confirm';

interface Props {
  title: string;
  lead: string;
  /** What is done if the answer is yes. */
  action: string;
  onYes(): void;
  onClose(): void;
}

/** Asks before something is done that cannot be taken back. */
export function Question({ title, lead, action, onYes, onClose }: Props) {
  // Closed and not only taken away, it gives the focus back to where that was.
  const close = (event: TargetedMouseEvent<HTMLButtonElement>) =>
    event.currentTarget.closest('dialog')?.close();
  return (
    <Confirm
      title={title}
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button plain" onClick={close}>
            {adminTexts().cancel}
          </button>
          <button
            type="button"
            class="button danger"
            onClick={(event) => {
              close(event);
              onYes();
            }}
          >
            {action}
          </button>
        </>
      }
    >
      <p>{lead}</p>
    </Confirm>
  );
}
