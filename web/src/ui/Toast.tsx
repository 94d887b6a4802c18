import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { dismiss, type Notice } from '../state/notifications';
import { Icon } from './Icon';
import { NoticeText } from './NoticeText';

/** How long it stays, in milliseconds, while nobody points at it. */
const STAY = 6000;

export function Toast({ notice }: { notice: Notice }) {
  const held = useSignal(false);

  useEffect(() => {
    if (held.value) return;
    const timer = setTimeout(() => dismiss(notice.id), STAY);
    return () => clearTimeout(timer);
  }, [held.value, notice.id]);

  const hold = () => {
    held.value = true;
  };
  // Held by both, it goes on only when both have left.
  const onMouseLeave = (event: MouseEvent & { currentTarget: HTMLElement }) => {
    held.value = event.currentTarget.contains(document.activeElement);
  };
  const onFocusOut = (event: FocusEvent & { currentTarget: HTMLElement }) => {
    held.value = event.currentTarget.matches(':hover');
  };
  const go = () => dismiss(notice.id);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: these only stop the clock.
    <div
      class="toast"
      onMouseEnter={hold}
      onMouseLeave={onMouseLeave}
      onFocusIn={hold}
      onFocusOut={onFocusOut}
    >
      <p>
        <NoticeText notice={notice} onFollow={go} />
      </p>
      <button type="button" class="icon-button" aria-label="Dismiss" onClick={go}>
        <Icon name="close" />
      </button>
    </div>
  );
}
