import { type OpenBoard, reload } from '../state/board';
import { Failure } from '../ui/Failure';
import { Page } from '../ui/Page';

/** What is shown of a board that cannot be shown (yet). */
export function BoardStates({ now }: { now: Exclude<OpenBoard, { state: 'ready' }> }) {
  switch (now.state) {
    case 'loading':
      return (
        <Page title="Board">
          <div class="workbench" aria-busy="true">
            <div class="skeleton square board-skeleton" />
            <div>
              <div class="skeleton line" />
              <div class="skeleton line short" />
            </div>
          </div>
        </Page>
      );
    case 'gone':
      return (
        <Page title="This board is gone">
          <div class="empty" role="status">
            <p>Somebody has deleted it, and the paths on it went with it. Or it never was.</p>
            <a class="button" href="/">
              See all boards
            </a>
          </div>
        </Page>
      );
    case 'error':
      return (
        <Page title="Board">
          <Failure error={now.problem} retry={reload} />
        </Page>
      );
  }
}
