import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { inWords, Problem } from '../api/problem';
import { t } from '../language/texts';
import { replaceWith, route, signInPath } from '../router';
import { backPath } from '../routes';
import { loadRegistration, registrationIsOpen, signIn, signUp, user } from '../state/session';
import { Alert } from '../ui/Alert';
import { Field } from '../ui/Field';
import { Filled } from '../ui/Filled';
import { Icon } from '../ui/Icon';
import { Page } from '../ui/Page';

interface Props {
  form: 'sign-in' | 'sign-up';
}

/** Both ways in: they ask for the same and go on to the same place. */
export function Sign({ form }: Props) {
  const texts = t().sign;
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
      <Page title={texts.up} class="sign-page">
        <Alert kind="warning">
          <p>
            <Filled
              text={texts.closed}
              with={{ signIn: (words) => <a href={signInPath()}>{words}</a> }}
            />
          </p>
        </Alert>
      </Page>
    );
  }

  const fields = fieldErrors(error.value);
  return (
    <Page title={isNew ? texts.up : texts.in} class="sign-page">
      {here.current.query.get('why') === 'expired' && !error.value && (
        <Alert kind="warning">
          <p>{texts.expired}</p>
        </Alert>
      )}
      <form class="sign panel" ref={element} onSubmit={submit} noValidate>
        {error.value !== null && !fields.username && !fields.password && (
          <Alert>
            <p>{inWords(error.value)}</p>
          </Alert>
        )}
        <Field
          label={texts.username}
          {...(isNew && { hint: texts.usernameHint })}
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
          label={texts.password}
          {...(isNew && { hint: texts.passwordHint })}
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
                aria-label={texts.showPassword}
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
          {busy.value ? texts.busy : isNew ? texts.create : texts.in}
        </button>
        {(isNew || registrationIsOpen.value !== false) && (
          <p class="quiet-text">
            <Filled
              text={isNew ? texts.haveAccount : texts.newHere}
              with={{
                go: (words) => <a href={signInPath(isNew ? 'sign-in' : 'sign-up')}>{words}</a>,
              }}
            />
          </p>
        )}
      </form>
    </Page>
  );
}

/** What is wrong with each field, by the server's codes and the fields that it names. */
function fieldErrors(error: unknown): { username?: string; password?: string } {
  if (!(error instanceof Problem)) return {};
  if (error.code === 'username_taken') return { username: inWords(error) };
  if (error.code === 'wrong_credentials') return { password: inWords(error) };
  const { usernameWrong, passwordWrong } = t().sign;
  const isWrong = (field: string) => error.fields.some((it) => it.field === field);
  return {
    ...(isWrong('username') && { username: usernameWrong }),
    ...(isWrong('password') && { password: passwordWrong }),
  };
}
