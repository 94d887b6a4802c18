import { status } from '../state/connection';
import { Icon } from './Icon';

/** Said in words as long as nothing new can come. */
export function OfflineBanner() {
  return (
    <div role="status">
      {status.value === 'offline' && (
        <p class="banner">
          <Icon name="warning" />
          You are offline. What you see may be old; what you miss comes as soon as you are back.
        </p>
      )}
    </div>
  );
}
