import { Page } from '../ui/Page';

export function NotFound() {
  return (
    <Page title="Nothing here">
      <div class="empty">
        <p>There is no page at this address.</p>
        <a class="button" href="/">
          See all boards
        </a>
      </div>
    </Page>
  );
}
