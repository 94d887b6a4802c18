import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { inWords } from '../api/problem';
import { route, signInPath } from '../router';
import { userPath } from '../routes';
import { deleteNow } from '../state/deletions';
import { signOut, user } from '../state/session';
import { useDismissable } from './useDismissable';

/** Who is signed in, and the way out; or the way in. */
export function UserMenu() {
  const who = user.value;
  if (who === undefined) return null;
  if (who === null) {
    // Reads the route, so that the link always comes back to where one is.
    return route.value.view.startsWith('sign') ? null : (
      <a class="button plain small" href={signInPath()}>
        Sign in
      </a>
    );
  }
  return <Menu name={who.username} />;
}

function Menu({ name }: { name: string }) {
  const menu = useRef<HTMLDetailsElement>(null);
  const error = useSignal('');

  useDismissable(menu);

  const leave = async () => {
    error.value = '';
    await deleteNow();
    signOut().catch((reason) => {
      error.value = inWords(reason);
    });
  };

  return (
    <details class="user-menu" ref={menu}>
      <summary>
        <span class="sr-only">Account of {name}</span>
        <span class="avatar" aria-hidden="true">
          {name[0]}
        </span>
        <span class="user-name" aria-hidden="true">
          {name}
        </span>
      </summary>
      <div class="user-panel">
        <p>
          Signed in as <strong>{name}</strong>
        </p>
        <a class="button plain small" href={userPath(name)}>
          My boards
        </a>
        {error.value && (
          <p class="field-error" role="alert">
            {error.value}
          </p>
        )}
        <button type="button" class="button plain small" onClick={leave}>
          Sign out
        </button>
      </div>
    </details>
  );
}
