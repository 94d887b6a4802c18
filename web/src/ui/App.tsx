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
import { NotFound } from '../views/NotFound';
import { UserBoards } from '../views/UserBoards';
import { Header } from './Header';
import { lazy } from './lazy';
import { OfflineBanner } from './OfflineBanner';
import { pageTitle } from './Page';
import { Toasts } from './Toasts';
import { UndoBar } from './UndoBar';

const Log = lazy(
  () => t().log.title,
  () => import('../views/Log').then((it) => it.Log),
);
const NewBoard = lazy(
  () => t().editor.title,
  () => import('../views/Editor').then((it) => it.NewBoard),
);
const EditBoard = lazy(
  () => t().editor.edit('…'),
  () => import('../views/Editor').then((it) => it.EditBoard),
);
const Settings = lazy(
  () => t().settings.title,
  () => import('../views/Settings').then((it) => it.Settings),
);
const Sign = lazy(
  () => (route.value.view === 'sign-up' ? t().sign.up : t().sign.in),
  () => import('../views/Sign').then((it) => it.Sign),
);
const Admin = lazy(
  () => t().shell.admin,
  () => import('../views/Admin').then((it) => it.Admin),
);

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
      {/* No link: following it would be a step in the history. */}
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
    case 'admin':
      return <Admin />;
    case 'settings':
      return <Settings />;
    case 'sign-in':
    case 'sign-up':
      return <Sign form={now.view} />;
    case 'not-found':
      return <NotFound />;
  }
}
