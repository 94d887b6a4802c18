import { t } from '../language/texts';
import { Page } from '../ui/Page';

export function NotFound() {
  const texts = t().common;
  return (
    <Page title={texts.notFound}>
      <div class="empty">
        <p>{texts.notFoundLead}</p>
        <a class="button" href="/">
          {texts.allBoards}
        </a>
      </div>
    </Page>
  );
}
