import { signal } from '@preact/signals';
import { api, type Credentials, sessionExpired, type User } from '../api/client';
import { Problem } from '../api/problem';
import { keep, onKeptElsewhere } from '../storage';

/** Tells other tabs that somebody has signed in or out. */
const KEY = 'dotcast.session';

/** Who is signed in; null for nobody, undefined while that is not known. */
export const user = signal<User | null | undefined>(undefined);

/** Whether anyone may register; undefined while that is not known. */
export const registrationIsOpen = signal<boolean | undefined>(undefined);

/** Whether it was the visitor who did it. */
export function isMine(event: { username: string }): boolean {
  return event.username === user.value?.username;
}

let asked: Promise<void> | undefined;

/** Finds out who is signed in. */
export function loadSession(): Promise<void> {
  const before = user.peek();
  asked = api.me().then(
    (me) => {
      // Whoever has signed in or out meanwhile knows better.
      if (user.peek() === before) user.value = me;
    },
    () => {
      // No answer: not known. It is asked again when the stream is live.
    },
  );
  return asked;
}

/** Who is signed in, as soon as that is known. */
export async function whoIsSignedIn(): Promise<User | null> {
  await (asked ?? loadSession());
  return user.value ?? null;
}

/** Signs in. Rejects with `session_not_kept` where the browser does not take or send the cookie. */
export async function signIn(credentials: Credentials): Promise<void> {
  await api.logIn(credentials);
  const me = await api.me();
  if (!me) throw Problem.own('session_not_kept');
  user.value = me;
  tellOtherTabs();
}

/** Finds out whether anyone may register. */
export async function loadRegistration(): Promise<void> {
  // Where that fails, registering says why it does.
  registrationIsOpen.value ??= await api.isRegistrationOpen().catch(() => undefined);
}

/** Registers and signs in. */
export async function signUp(credentials: Credentials): Promise<void> {
  await api.register(credentials);
  await signIn(credentials);
}

export async function signOut(): Promise<void> {
  await api.logOut();
  user.value = null;
  tellOtherTabs();
}

function tellOtherTabs(): void {
  keep(KEY, Date.now());
}

/** Keeps {@link user} true: sessions end elsewhere, too. */
export function watchSession(): void {
  sessionExpired.subscribe(() => {
    user.value = null;
  });
  onKeptElsewhere(KEY, loadSession);
  loadSession();
}
