import { useEffect } from 'preact/hooks';
import { inWords } from '../../api/problem';
import { t } from '../../language/texts';
import { signInPath } from '../../router';
import { sendingFaults, sendLines } from '../../state/sending';
import { loadRegistration, registrationIsOpen, user } from '../../state/session';
import { Icon } from '../../ui/Icon';

interface Props {
  boardId: number;
  /** How many lines are not saved. */
  count: number;
}

/** Says that lines wait: for an account, or for a server that takes them. */
export function Unsaved({ boardId, count }: Props) {
  if (count === 0 || user.value === undefined) return null;
  if (user.value === null) return <ForGuests count={count} />;
  const fault = sendingFaults.value.get(boardId);
  if (!fault) return null;
  return (
    <div class="panel unsaved" role="alert">
      <p>
        <Icon name="warning" />
        {t().draw.waiting(count)} {inWords(fault)}
      </p>
      <button type="button" class="button small" onClick={() => sendLines([boardId])}>
        {t().common.retry}
      </button>
    </div>
  );
}

function ForGuests({ count }: { count: number }) {
  const texts = t().draw;
  useEffect(() => {
    loadRegistration();
  }, []);
  return (
    <div class="panel unsaved">
      <p>{texts.waiting(count)}</p>
      <div class="actions">
        {registrationIsOpen.value === false ? (
          <a class="button small" href={signInPath()}>
            {texts.signInAndSave}
          </a>
        ) : (
          <>
            <a class="button small" href={signInPath('sign-up')}>
              {texts.signUpAndSave}
            </a>
            <a class="button plain small" href={signInPath()}>
              {texts.signIn}
            </a>
          </>
        )}
      </div>
    </div>
  );
}
