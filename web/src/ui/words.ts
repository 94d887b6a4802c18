import type { Notice } from '../state/notifications';

/** `1 cell`, `2 cells`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** What somebody did, without the name of the board, which is a link. */
export function deed(notice: Notice): string {
  const who = notice.mine ? 'You' : notice.username;
  switch (notice.type) {
    case 'newBoard':
      return `${who} made the board`;
    case 'newPath':
      return `${who} saved a path on`;
    case 'boardUpdated':
      return `${who} changed the board`;
    case 'boardDeleted':
      return `${who} deleted the board`;
    case 'boardSolved':
      return `${who} solved`;
  }
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** `5 minutes ago`; `then` and `now` in milliseconds. */
export function ago(then: number, now: number): string {
  const seconds = (now - then) / 1000;
  for (const [unit, length] of UNITS) {
    if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit);
  }
  return 'just now';
}
