import { numbersIn } from '../numbers';

const { count, list, named, number } = numbersIn('en');

const countBoards = count({ one: 'board', other: 'boards' });
const countEvents = count({ one: 'event', other: 'events' });
const countDays = count({ one: 'day', other: 'days' });

/** What the page says to administrators alone, in English. It is loaded with their view. */
export const en = {
  lead: 'Users, the event log, and who follows it.',
  notYours: 'Only administrators see this page.',
  signIn: 'Sign in as an administrator to see this page.',
  cancel: 'Cancel',
  /** Before a list that goes on. */
  more: 'Show more',

  users: {
    title: 'Users',
    /** What the page cannot do; the holes are commands. */
    lead: 'Users are deleted, and their names erased, on the server: {delete}, {erase}.',
    search: 'Search by name',
    none: 'No name contains this.',
    administrator: 'administrator',
    disabled: 'disabled',
    facts: (boards: number, since: string) => `${countBoards(boards)}, registered ${since}`,

    promote: 'Make administrator',
    demote: 'Make ordinary user',
    disable: 'Disable',
    enable: 'Enable',
    endSessions: 'End sessions',
    /** The same for one of many, for those who hear it. */
    of: (action: string, name: string) => `${action}: ${name}`,

    /** Before something is done that cannot be taken back: a question, and what it means. */
    ask: {
      demote: (name: string) => `Make ${name} an ordinary user?`,
      demoteLead: 'You lose this page. Only another administrator can give it back.',
      promote: (name: string) => `Make ${name} an administrator?`,
      promoteLead:
        'Administrators change and delete everybody’s boards, and administer users and the log, you included.',
      disable: (name: string) => `Disable ${name}?`,
      disableLead:
        'All their sessions end at once, and they cannot sign in until they are enabled. Their boards and paths stay.',
      endSessions: (name: string) => `End all sessions of ${name}?`,
      endSessionsLead: 'They are signed out everywhere at once, and can sign in again.',
    },
    done: {
      promote: (name: string) => `${name} is an administrator now.`,
      demote: (name: string) => `${name} is an ordinary user now.`,
      disable: (name: string) => `${name} is disabled.`,
      enable: (name: string) => `${name} can sign in again.`,
      endSessions: (name: string) => `All sessions of ${name} have ended.`,
    },
  },

  log: {
    title: 'Event log',
    oldest: 'Oldest event',
    newest: 'Newest event',
    settled: 'Settled up to',
    trimmed: 'Deleted up to',
    nothing: 'nothing',
    lost: 'Lost by a restore or a failover',
    span: (first: number, last: number) =>
      first === last ? number(first) : `${number(first)} to ${number(last)}`,
    id: number,

    days: 'Delete events older than, in days',
    daysHint: '0 deletes all.',
    daysWrong: 'Give a whole number of days, up to 36,500.',
    trim: 'Delete old events',
    ask: (days: number) =>
      days === 0 ? 'Delete all events?' : `Delete events older than ${countDays(days)}?`,
    askLead:
      'They cannot be brought back. Programs that were away for longer are told to read everything again. Boards and paths stay.',
    done: named({ one: '# event was deleted.', other: '# events were deleted.' }),
  },

  streams: {
    title: 'Open streams',
    lead: 'Those of the server that this page comes from, newest first.',
    unknown: 'unknown address',
    since: (when: string) => `open since ${when}`,
    transports: {
      http1: 'HTTP/1',
      'http1+tls': 'HTTP/1, encrypted',
      http2: 'HTTP/2',
      'http2+tls': 'HTTP/2, encrypted',
    },
    all: 'all events',
    types: list,
    boards: (ids: string) => `only boards: ${ids}`,
    sent: (events: number) => `${countEvents(events)} sent`,
    upToDate: 'up to date',
    behind: (events: number) => `${countEvents(events)} behind`,
  },
};

/** What every language has to say to administrators. */
export type AdminCatalogue = typeof en;
