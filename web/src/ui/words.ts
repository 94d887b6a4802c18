import { isMine } from '../state/session';
import type { StreamEvent } from '../stream/event';

/** `1 cell`, `2 cells`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** What somebody did once or several times to a board, without the name of the board, which is a link. */
export function deed(event: StreamEvent, times = 1): string {
  const who = isMine(event) ? 'You' : event.username;
  switch (event.type) {
    case 'newBoard':
      return `${who} made the board`;
    case 'newPath':
      return `${who} saved ${times === 1 ? 'a path' : count(times, 'path')} on`;
    case 'boardUpdated':
      return `${who} ${times === 1 ? 'changed' : `made ${count(times, 'change')} to`} the board`;
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
