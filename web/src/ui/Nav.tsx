import { t } from '../language/texts';
import { route } from '../router';
import type { Route } from '../routes';
import { unread } from '../state/unread';
import { Icon } from './Icon';

const isBoards = (view: Route['view']) => ['boards', 'draw', 'edit'].includes(view);

export function Nav() {
  const texts = t().shell;
  const { view } = route.value;
  const count = unread.value;
  return (
    <nav class="nav" aria-label={texts.main}>
      <ul>
        <li>
          <a href="/" aria-current={view === 'boards' ? 'page' : isBoards(view)}>
            {texts.boards}
          </a>
        </li>
        <li>
          <a href="/activity" aria-current={view === 'activity' ? 'page' : undefined}>
            <Icon name="bell" />
            {texts.activity}
            {count > 0 && (
              <span class="badge">
                {count > 99 ? '99+' : count}
                <span class="sr-only"> {texts.unread(count)}</span>
              </span>
            )}
          </a>
        </li>
        <li>
          <a href="/new" aria-current={view === 'new' ? 'page' : undefined}>
            <Icon name="plus" />
            {texts.newBoard}
          </a>
        </li>
      </ul>
    </nav>
  );
}
