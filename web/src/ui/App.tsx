import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { sessionExpired } from '../api/client';
import { t } from '../language/texts';
import { navigate, route, signInPath } from '../router';
import type { Route } from '../routes';
import { unread } from '../state/unread';
import { Activity } from '../views/Activity';
import { Boards } from '../views/Boards';
import { Draw } from '../views/Draw';
import { EditBoard, NewBoard } from '../views/Editor';
import { Log } from '../views/Log';
import { NotFound } from '../views/NotFound';
import { Sign } from '../views/Sign';
import { UserBoards } from '../views/UserBoards';
import { Header } from './Header';
import { OfflineBanner } from './OfflineBanner';
import { pageTitle } from './Page';
import { Toasts } from './Toasts';
import { UndoBar } from './UndoBar';

export function App() {
  useSignalEffect(() => {
    const count = unread.value > 0 ? `(${unread.value}) ` : '';
    document.title = `${count}${pageTitle.value} · dotcast`;
  });

  useEffect(
    () =>
      sessionExpired.subscribe(() => {
        if (!route.value.view.startsWith('sign')) navigate(signInPath('sign-in', 'expired'));
      }),
    [],
  );

  const now = route.value;
  return (
    <div class="shell">
      {/* No link: the address after # is the view. */}
      <button
        type="button"
        class="button skip-link"
        onClick={() => document.getElementById('main')?.focus()}
      >
        {t().shell.skip}
      </button>
      <Header />
      <OfflineBanner />
      <main class="main" id="main" tabIndex={-1}>
        <View key={now.path} route={now} />
      </main>
      <Toasts />
      <UndoBar />
    </div>
  );
}

function View({ route: now }: { route: Route }) {
  switch (now.view) {
    case 'boards':
      return <Boards />;
    case 'draw':
      return <Draw id={now.id} />;
    case 'new':
      return <NewBoard />;
    case 'edit':
      return <EditBoard id={now.id} />;
    case 'user':
      return <UserBoards username={now.username} />;
    case 'activity':
      return <Activity />;
    case 'log':
      return <Log />;
    case 'sign-in':
    case 'sign-up':
      return <Sign form={now.view} />;
    case 'not-found':
      return <NotFound />;
  }
}
