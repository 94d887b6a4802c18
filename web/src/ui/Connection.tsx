import { t } from '../language/texts';
import { status } from '../state/connection';

/** Whether the page hears of what happens, by shape, colour and word. */
export function Connection() {
  const now = status.value;
  return (
    <span class="connection" data-status={now} role="status">
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle
          cx="8"
          cy="8"
          r="6"
          fill={now === 'live' ? 'currentColor' : 'none'}
          stroke="currentColor"
          stroke-width="2.5"
          stroke-dasharray={now === 'connecting' || now === 'reconnecting' ? '3 3.3' : undefined}
        />
        {(now === 'offline' || now === 'signed-out') && (
          <path d="M3.5 12.5l9-9" stroke="currentColor" stroke-width="2.5" />
        )}
      </svg>
      {t().connection[now]}
    </span>
  );
}
