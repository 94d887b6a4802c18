import { t } from '../language/texts';
import { status } from '../state/connection';
import { Icon } from './Icon';

/** Said in words as long as nothing new can come. */
export function OfflineBanner() {
  const texts = t().connection;
  return (
    <div role="status">
      {status.value === 'offline' && (
        <p class="banner">
          <Icon name="warning" />
          {texts.offlineLead}
        </p>
      )}
      {status.value === 'signed-out' && (
        <p class="banner">
          <Icon name="warning" />
          {texts.signedOutLead}
        </p>
      )}
    </div>
  );
}
