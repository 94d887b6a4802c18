import { useEffect } from 'preact/hooks';
import { signInPath } from '../../router';
import { loadRegistration, registrationIsOpen } from '../../state/session';
import { Confirm } from '../../ui/Confirm';

/** Asked of those who begin to draw and are not signed in. */
export function SignInToDraw({ onClose }: { onClose(): void }) {
  useEffect(() => {
    loadRegistration();
  }, []);
  return (
    <Confirm
      title="Sign in to draw"
      onClose={onClose}
      actions={
        <>
          <a class="button" href={signInPath()}>
            Sign in
          </a>
          {registrationIsOpen.value !== false && (
            <a class="button plain" href={signInPath('sign-up')}>
              Create an account
            </a>
          )}
          <button type="button" class="button plain" onClick={onClose}>
            Just look
          </button>
        </>
      }
    >
      <p>
        Your paths are saved under your name, and only you see them. You come back to this board.
      </p>
    </Confirm>
  );
}
