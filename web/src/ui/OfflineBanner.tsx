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
      {status.value === 'signed-out' && (
        <p class="banner">
          <Icon name="warning" />
          Only users hear of what happens here. Sign in; what you miss comes as soon as you have.
        </p>
      )}
    </div>
  );
}
