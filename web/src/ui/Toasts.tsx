import { t } from '../language/texts';
import { toasts } from '../state/toasts';
import { Toast } from './Toast';

/** Always there, also when empty: a live region that appears together with its text is not read out. */
export function Toasts() {
  return (
    <section class="toasts" aria-label={t().shell.notifications} aria-live="polite">
      {toasts.value.map((toast) => (
        <Toast key={toast.id} toast={toast} />
      ))}
    </section>
  );
}
