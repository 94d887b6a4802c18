import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../language/texts';
import { dismiss, type Toast as Shown } from '../state/toasts';
import { EventText } from './EventText';
import { Icon } from './Icon';

/** How long it stays, in milliseconds, while nobody points at it. */
const STAY = 6000;

export function Toast({ toast }: { toast: Shown }) {
  const { id, event, count, more } = toast;
  const held = useSignal(false);

  useEffect(() => {
    if (held.value) return;
    const timer = setTimeout(() => dismiss(id), STAY);
    return () => clearTimeout(timer);
  }, [held.value, id]);

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
  const go = () => dismiss(id);
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
        <EventText event={event} times={count} more={more} onFollow={go} />
      </p>
      <button type="button" class="icon-button" aria-label={t().common.dismiss} onClick={go}>
        <Icon name="close" />
      </button>
    </div>
  );
}
