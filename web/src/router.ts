import { signal } from '@preact/signals';
import { href, parse, type Route } from './routes';

/** The view that is shown. */
export const route = signal<Route>(parse(location.hash));

/** How far each view was scrolled when one left it. */
const scrolled = new Map<string, number>();

/** How far the present view is scrolled at first: to its top, or to where it was if one goes back to it. */
export let scrollStart = 0;

// The browser would scroll before the view is there.
history.scrollRestoration = 'manual';

addEventListener('hashchange', () => {
  scrolled.set(route.peek().path, scrollY);
  const next = parse(location.hash);
  const isBack = history.state !== null;
  scrollStart = isBack ? (scrolled.get(next.path) ?? 0) : 0;
  markVisited();
  route.value = next;
});

markVisited();

/** Entries of the history that have a state are those that one goes back (or forward) to. */
function markVisited(): void {
  history.replaceState('visited', '');
}

export function navigate(path: string): void {
  location.hash = path;
}

/** Goes on without leaving the present address in the history: it would only lead back to where there is nothing. */
export function replaceWith(path: string): void {
  location.replace(href(path));
}

/** The sign-in (or -up) page that comes back to where one is now. */
export function signInPath(form: 'sign-in' | 'sign-up' = 'sign-in', why?: 'expired'): string {
  const here = route.value;
  const inForm = here.view === 'sign-in' || here.view === 'sign-up';
  const query = inForm ? new URLSearchParams(here.query) : new URLSearchParams({ back: here.path });
  if (why) query.set('why', why);
  return `/${form}?${query}`;
}
