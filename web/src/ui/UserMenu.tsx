import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { inWords } from '../api/problem';
import { t } from '../language/texts';
import { route, signInPath } from '../router';
import { userPath } from '../routes';
import { deleteNow } from '../state/deletions';
import { signOut, user } from '../state/session';
import { Icon } from './Icon';
import { useDismissable } from './useDismissable';

/** The way in, and a menu of what one seldom needs, for guests as well. */
export function UserMenu() {
  const who = user.value;
  return (
    <>
      {/* Reads the route, so that the link always comes back to where one is. */}
      {who === null && !route.value.view.startsWith('sign') && (
        <a class="button plain small" href={signInPath()}>
          {t().shell.signIn}
        </a>
      )}
      <Menu name={who?.username ?? null} isAdmin={who?.is_admin ?? false} />
    </>
  );
}

function Menu({ name, isAdmin }: { name: string | null; isAdmin: boolean }) {
  const texts = t().shell;
  const menu = useRef<HTMLDetailsElement>(null);
  useDismissable(menu);

  /** A link leads to a view that has nothing open. */
  const onClick = (event: MouseEvent) => {
    const isLink = event.target instanceof Element && event.target.closest('a');
    if (isLink && menu.current) menu.current.open = false;
  };

  return (
    <details class="user-menu" ref={menu}>
      <summary>{name === null ? <Anonymous /> : <Named name={name} />}</summary>
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: it follows its links. */}
      <div class="user-panel" onClick={onClick}>
        {name !== null && (
          <p>
            <span class="quiet-text">{texts.signedInAs}</span>
            <strong>{name}</strong>
          </p>
        )}
        <ul class="menu-links">
          {name !== null && (
            <li>
              <a href={userPath(name)}>{texts.myBoards}</a>
            </li>
          )}
          <li>
            <a href="/settings">{texts.settings}</a>
          </li>
          {isAdmin && (
            <li>
              <a href="/admin">{texts.admin}</a>
            </li>
          )}
        </ul>
        <div>
          <p class="quiet-text" id="for-developers">
            {texts.forDevelopers}
          </p>
          <ul class="menu-links" aria-labelledby="for-developers">
            <li>
              <a href="/log">{texts.log}</a>
            </li>
            <li>
              <a href="/docs">{texts.api}</a>
            </li>
          </ul>
        </div>
        {name !== null && <SignOut />}
      </div>
    </details>
  );
}

function Anonymous() {
  return (
    <>
      <span class="sr-only">{t().shell.menu}</span>
      <Icon name="menu" />
    </>
  );
}

function Named({ name }: { name: string }) {
  return (
    <>
      <span class="sr-only">{t().shell.accountOf(name)}</span>
      <span class="avatar" aria-hidden="true">
        {name[0]}
      </span>
      <span class="user-name" aria-hidden="true">
        {name}
      </span>
    </>
  );
}

function SignOut() {
  const error = useSignal('');
  const leave = async () => {
    error.value = '';
    await deleteNow();
    signOut().catch((reason) => {
      error.value = inWords(reason);
    });
  };
  return (
    <>
      {error.value && (
        <p class="field-error" role="alert">
          {error.value}
        </p>
      )}
      <button type="button" class="button plain small" onClick={leave}>
        {t().shell.signOut}
      </button>
    </>
  );
}
