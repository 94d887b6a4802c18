import { href } from '../router';
import { Page } from '../ui/Page';

export function NotFound() {
  return (
    <Page title="Nothing here">
      <p class="page-lead">There is no page at this address.</p>
      <p>
        <a href={href('/')}>See all boards</a>
      </p>
    </Page>
  );
}
