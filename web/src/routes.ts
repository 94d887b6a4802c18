/** What the address after `#` asks for. */
export type Route = { query: URLSearchParams; path: string } & (
  | { view: 'boards' | 'new' | 'log' | 'activity' | 'sign-in' | 'sign-up' | 'not-found' }
  | { view: 'draw' | 'edit'; id: number }
);

const PLAIN = {
  '/': 'boards',
  '/new': 'new',
  '/log': 'log',
  '/activity': 'activity',
  '/sign-in': 'sign-in',
  '/sign-up': 'sign-up',
} as const;

/** `#/boards/7?x=y` taken apart. */
export function parse(hash: string): Route {
  const [rawPath = '', rawQuery = ''] = hash.replace(/^#/, '').split('?', 2);
  const path = rawPath || '/';
  const common = { path, query: new URLSearchParams(rawQuery) };
  // Ids beyond 15 digits lose precision as numbers, and no server has them.
  const board = /^\/boards\/(\d{1,15})(\/edit)?$/.exec(path);
  if (board) return { ...common, view: board[2] ? 'edit' : 'draw', id: Number(board[1]) };
  return {
    ...common,
    view: Object.hasOwn(PLAIN, path) ? PLAIN[path as keyof typeof PLAIN] : 'not-found',
  };
}

/** Where to go for a path of this page, for links. */
export const href = (path: string) => `#${path}`;
export const boardPath = (id: number) => `/boards/${id}`;
export const editPath = (id: number) => `/boards/${id}/edit`;

/** Where the sign-in page leads back to. Only paths of this page: the address may come from anybody. */
export function backPath(from: Route): string {
  const back = from.query.get('back') ?? '/';
  const view = parse(back).view;
  return back.startsWith('/') && view !== 'not-found' && view !== 'sign-in' && view !== 'sign-up'
    ? back
    : '/';
}
