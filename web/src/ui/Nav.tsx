import { route } from '../router';
import type { Route } from '../routes';
import { unread } from '../state/unread';
import { Icon } from './Icon';

const isBoards = (view: Route['view']) => ['boards', 'draw', 'edit', 'new'].includes(view);

export function Nav() {
  const { view } = route.value;
  const count = unread.value;
  return (
    <nav class="nav" aria-label="Main">
      <ul>
        <li>
          <a href="/" aria-current={view === 'boards' ? 'page' : isBoards(view)}>
            Boards
          </a>
        </li>
        <li>
          <a href="/activity" aria-current={view === 'activity' ? 'page' : undefined}>
            <Icon name="bell" />
            Activity
            {count > 0 && (
              <span class="badge">
                {count > 99 ? '99+' : count}
                <span class="sr-only"> unread</span>
              </span>
            )}
          </a>
        </li>
        <li>
          <a href="/log" aria-current={view === 'log' ? 'page' : undefined}>
            Log
          </a>
        </li>
        <li>
          <a href="/docs">API</a>
        </li>
      </ul>
    </nav>
  );
}
