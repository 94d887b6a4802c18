/** What an address asks for. */
export type Route = { query: URLSearchParams; path: string } & (
  | { view: (typeof PLAIN)[keyof typeof PLAIN] | 'not-found' }
  | { view: 'draw' | 'edit'; id: number }
  | { view: 'user'; username: string }
);

const PLAIN = {
  '/': 'boards',
  '/new': 'new',
  '/log': 'log',
  '/activity': 'activity',
  '/settings': 'settings',
  '/admin': 'admin',
  '/sign-in': 'sign-in',
  '/sign-up': 'sign-up',
} as const;

/** Where the page is: the path and the query. They stood after a `#` once, and links of then still work. */
export function addressAt(at: Pick<Location, 'pathname' | 'search' | 'hash'>): string {
  return at.hash.startsWith('#/') ? at.hash.slice(1) : at.pathname + at.search;
}

/** `/boards/7?x=y` taken apart. */
export function parse(address: string): Route {
  const [path = '', rawQuery = ''] = address.split('?', 2);
  const common = { path, query: new URLSearchParams(rawQuery) };
  // Ids beyond 15 digits lose precision as numbers, and no server has them.
  const board = /^\/boards\/(\d{1,15})(\/edit)?$/.exec(path);
  if (board) return { ...common, view: board[2] ? 'edit' : 'draw', id: Number(board[1]) };
  const maker = /^\/u\/([\w-]{1,32})$/.exec(path)?.[1];
  if (maker) return { ...common, view: 'user', username: maker };
  return {
    ...common,
    view: Object.hasOwn(PLAIN, path) ? PLAIN[path as keyof typeof PLAIN] : 'not-found',
  };
}

export const boardPath = (id: number) => `/boards/${id}`;
export const userPath = (username: string) => `/u/${username}`;
export const editPath = (id: number) => `/boards/${id}/edit`;
export const copyPath = (id: number) => `/new?from=${id}`;

/** The sign-in (or -up) page that comes back to a view. */
export function signInFrom(here: Route, form: 'sign-in' | 'sign-up', why?: 'expired'): string {
  const inForm = here.view === 'sign-in' || here.view === 'sign-up';
  const back = [here.path, here.query.toString()].filter(Boolean).join('?');
  const query = new URLSearchParams(inForm ? here.query : { back });
  if (why) query.set('why', why);
  return `/${form}?${query}`;
}

/** Where the sign-in page leads back to. Only paths of this page: the address may come from anybody. */
export function backPath(from: Route): string {
  const back = from.query.get('back') ?? '/';
  const view = parse(back).view;
  return back.startsWith('/') && view !== 'not-found' && view !== 'sign-in' && view !== 'sign-up'
    ? back
    : '/';
}
