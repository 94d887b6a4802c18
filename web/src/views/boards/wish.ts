import type { Wish } from '../../state/found';

const SHOWS = ['all', 'mine', 'unsolved'] as const;
const SORTS = ['newest', 'most_solved'] as const;

/** Whose boards to show, or which. */
export type Show = (typeof SHOWS)[number];
export type Sort = (typeof SORTS)[number];

/** What an address says about a list of boards. */
export interface Choice {
  /** As it was typed. */
  text: string;
  show: Show;
  sort: Sort;
}

/** As long as names can be. */
export const LONGEST = 100;

/** The choice in `?q=metro&show=unsolved&sort=most_solved`. What makes no sense is as if it were not there. */
export function choiceIn(query: URLSearchParams): Choice {
  const oneOf = <T extends string>(values: readonly [T, ...T[]], value: string | null) =>
    values.find((it) => it === value) ?? values[0];
  return {
    text: [...(query.get('q') ?? '')].slice(0, LONGEST).join(''),
    show: oneOf(SHOWS, query.get('show')),
    sort: oneOf(SORTS, query.get('sort')),
  };
}

/** The address that {@link choiceIn} reads. */
export function addressOf(path: string, { text, show, sort }: Choice): string {
  const query = new URLSearchParams();
  if (text) query.set('q', text);
  if (show !== 'all') query.set('show', show);
  if (sort !== 'newest') query.set('sort', sort);
  return [path, query.toString()].filter(Boolean).join('?');
}

/** What is to be looked for, by somebody with this name or by a guest, whom no board belongs to. */
export function wishFor(choice: Choice, me: string | null, creator?: string): Wish {
  const name = choice.text.trim();
  const show = me === null ? 'all' : choice.show;
  const maker = creator ?? (show === 'mine' ? me : null);
  return {
    ...(name && { name }),
    ...(maker && { creator: maker }),
    ...(show === 'unsolved' && { solved: false }),
    ...(choice.sort !== 'newest' && { sort: choice.sort }),
  };
}

/** Whether a wish is for all boards, the newest first. */
export const isPlain = (wish: Wish) => Object.keys(wish).length === 0;
