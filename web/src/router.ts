import { signal } from '@preact/signals';
import { addressAt, parse, type Route, signInFrom } from './routes';

/** The view that is shown. */
export const route = signal<Route>(arrive());

/** How far each view was scrolled when one left it. */
const scrolled = new Map<string, number>();

/** How far the present view is scrolled at first: to its top, or to where it was if one goes back to it. */
export let scrollStart = 0;

// The browser would scroll before the view is there.
history.scrollRestoration = 'manual';

addEventListener('popstate', () => {
  const next = arrive();
  show(next, scrolled.get(next.path) ?? 0);
});

// A link to another view changes the address and loads nothing. Whatever asks for more is left to the browser.
addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin)
    return;
  const path = link.pathname + link.search;
  if (link.hash || parse(path).view === 'not-found') return;
  event.preventDefault();
  navigate(path);
});

/** What the present address asks for. Addresses of before, after a `#`, become those of now. */
function arrive(): Route {
  const asked = parse(addressAt(location));
  if (location.hash && asked.view !== 'not-found') {
    history.replaceState(null, '', addressAt(location));
  }
  return asked;
}

function show(next: Route, scrollTo: number): void {
  scrolled.set(route.peek().path, scrollY);
  scrollStart = scrollTo;
  route.value = next;
}

export function navigate(path: string): void {
  // To where one is already is no step that one would go back.
  if (path !== addressAt(location)) history.pushState(null, '', path);
  show(parse(path), 0);
}

/** Goes on without leaving the present address in the history: it would only lead back to where there is nothing. */
export function replaceWith(path: string): void {
  history.replaceState(null, '', path);
  show(parse(path), 0);
}

/** The sign-in (or -up) page that comes back to where one is now. */
export function signInPath(form: 'sign-in' | 'sign-up' = 'sign-in', why?: 'expired'): string {
  return signInFrom(route.value, form, why);
}
