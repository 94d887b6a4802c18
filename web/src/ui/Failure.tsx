import { inWords } from '../api/problem';
import { t } from '../language/texts';
import { Alert } from './Alert';

/** What could not be loaded, and another try. */
export function Failure({ error, retry }: { error: unknown; retry(): void }) {
  return (
    <Alert>
      <p>{inWords(error)}</p>
      <div class="actions">
        <button type="button" class="button plain small" onClick={retry}>
          {t().common.retry}
        </button>
      </div>
    </Alert>
  );
}
