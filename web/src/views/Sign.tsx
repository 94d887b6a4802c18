import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { inWords, Problem } from '../api/problem';
import { replaceWith, route, signInPath } from '../router';
import { backPath } from '../routes';
import { loadRegistration, registrationIsOpen, signIn, signUp, user } from '../state/session';
import { Alert } from '../ui/Alert';
import { Field } from '../ui/Field';
import { Icon } from '../ui/Icon';
import { Page } from '../ui/Page';

interface Props {
  form: 'sign-in' | 'sign-up';
}

/** Both ways in: they ask for the same and go on to the same place. */
export function Sign({ form }: Props) {
  const isNew = form === 'sign-up';
  const error = useSignal<unknown>(null);
  const busy = useSignal(false);
  const shows = useSignal(false);
  const element = useRef<HTMLFormElement>(null);
  const here = useRef(route.value);

  // Also when it was another tab that signed in, or when one is signed in already.
  useEffect(() => {
    if (user.value) replaceWith(backPath(here.current));
  }, [user.value]);

  useEffect(() => {
    loadRegistration();
  }, []);

  // What is wrong is read out with the field that it is about.
  useEffect(() => {
    if (error.value) element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [error.value]);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy.value || !element.current) return;
    const data = new FormData(element.current);
    const credentials = {
      username: String(data.get('username')),
      password: String(data.get('password')),
    };
    busy.value = true;
    error.value = null;
    try {
      await (isNew ? signUp : signIn)(credentials);
    } catch (reason) {
      error.value = reason;
    } finally {
      busy.value = false;
    }
  };

  if (isNew && registrationIsOpen.value === false) {
    return (
      <Page title="Create an account" class="sign-page">
        <Alert kind="warning">
          <p>
            This server takes no new accounts. Ask whoever runs it for one, or{' '}
            <a href={signInPath()}>sign in</a>.
          </p>
        </Alert>
      </Page>
    );
  }

  const fields = fieldErrors(error.value);
  return (
    <Page title={isNew ? 'Create an account' : 'Sign in'} class="sign-page">
      {here.current.query.get('why') === 'expired' && !error.value && (
        <Alert kind="warning">
          <p>
            Your session has ended, so you are asked to sign in once more. Then you go on where you
            were.
          </p>
        </Alert>
      )}
      <form class="sign panel" ref={element} onSubmit={submit} noValidate>
        {error.value !== null && !fields.username && !fields.password && (
          <Alert>
            <p>{inWords(error.value)}</p>
          </Alert>
        )}
        <Field
          label="Username"
          {...(isNew && { hint: '3 to 32 letters, digits, _ or -. Others see it.' })}
          error={fields.username}
        >
          {(control) => (
            <input
              {...control}
              type="text"
              name="username"
              autocomplete="username"
              autocapitalize="none"
              spellcheck={false}
              required
            />
          )}
        </Field>
        <Field
          label="Password"
          {...(isNew && { hint: '8 characters or more.' })}
          error={fields.password}
        >
          {(control) => (
            <div class="password">
              <input
                {...control}
                // The types know the attributes of each kind of input, but not of one that changes.
                type={(shows.value ? 'text' : 'password') as 'password'}
                name="password"
                autocomplete={isNew ? 'new-password' : 'current-password'}
                required
              />
              <button
                type="button"
                class="icon-button"
                aria-label="Show password"
                aria-pressed={shows.value}
                onClick={() => {
                  shows.value = !shows.value;
                }}
              >
                <Icon name="eye" />
              </button>
            </div>
          )}
        </Field>
        <button type="submit" class="button" aria-disabled={busy.value}>
          {busy.value ? 'One moment…' : isNew ? 'Create account' : 'Sign in'}
        </button>
        {(isNew || registrationIsOpen.value !== false) && (
          <p class="quiet-text">
            {isNew ? 'You have an account? ' : 'New here? '}
            <a href={signInPath(isNew ? 'sign-in' : 'sign-up')}>
              {isNew ? 'Sign in' : 'Create an account'}
            </a>
          </p>
        )}
      </form>
    </Page>
  );
}

/** What is wrong with each field: the server's words, and what its codes mean for a field. */
function fieldErrors(error: unknown): { username?: string; password?: string } {
  if (!(error instanceof Problem)) return {};
  if (error.code === 'username_taken') return { username: inWords(error) };
  if (error.code === 'wrong_credentials') return { password: inWords(error) };
  const errors: Record<string, string> = {};
  for (const { field, message } of error.fields) errors[field] ??= `It ${message}.`;
  return errors;
}
