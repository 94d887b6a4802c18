import { numbersIn } from './numbers';

const { count, named } = numbersIn('en');

/** All that the page says, in English. */
export const en = {
  common: {
    boards: count({ one: 'board', other: 'boards' }),
    cells: count({ one: 'cell', other: 'cells' }),
    paths: count({ one: 'path', other: 'paths' }),
  },

  boards: {
    title: 'Boards',
  },

  draw: {
    save: 'Save',
  },

  grid: {
    larger: 'Larger',
  },

  editor: {
    title: 'New board',
  },

  activity: {
    title: 'Activity',
  },

  sign: {
    in: 'Sign in',
  },

  shell: {
    skip: 'Skip to content',
    main: 'Main',
    boards: 'Boards',
    activity: 'Activity',
    /** Follows a number, for those who hear it. */
    unread: named({ other: 'unread' }),
    newBoard: 'New board',
    useLight: 'Use the light scheme',
    useDark: 'Use the dark scheme',
    menu: 'Menu',
    accountOf: (name: string) => `Account of ${name}`,
    signedInAs: 'Signed in as',
    myBoards: 'My boards',
    settings: 'Settings',
    forDevelopers: 'For developers',
    log: 'Event log',
    api: 'API',
    signIn: 'Sign in',
    signOut: 'Sign out',
    notifications: 'Notifications',
    notLoaded:
      'This part of the page could not be loaded. You may be offline, or the page may have been updated since you opened it.',
    tryAgain: 'Try again',
    reload: 'Reload the page',
    /** What the browser tells somebody who looks at something else. */
    notice: {
      newBoard: (board: string, who: string) => `${who} made the board ${board}`,
      newPath: (board: string, who: string) => `${who} saved a path on ${board}`,
      boardUpdated: (board: string, who: string) => `${who} changed the board ${board}`,
      boardDeleted: (board: string, who: string) => `${who} deleted the board ${board}`,
      boardSolved: (board: string, who: string) => `${who} solved ${board}`,
    },
    andMore: (more: number) => `and ${count({ one: 'more event', other: 'more events' })(more)}`,
  },

  settings: {
    title: 'Settings',
    lead: 'Kept in this browser, and the same in all its tabs.',
    language: 'Language',
    languageMissing: 'This language could not be loaded. Reload the page to try again.',
    appearance: 'Appearance',
    theme: 'Colour scheme',
    themes: { system: 'Same as the system', light: 'Light', dark: 'Dark' },
    letters: 'Letters in the dots',
    lettersHint: 'They tell pairs apart without their colours.',
    notifications: 'Notifications',
    notificationsHint:
      'Toasts and the number beside Activity follow this. Activity itself lists everything.',
    muted: 'Mute everything',
    kinds: 'Tell me about',
    kind: {
      newBoard: 'New boards',
      newPath: 'Paths that others save',
      boardUpdated: 'Changed boards',
      boardDeleted: 'Deleted boards',
      boardSolved: 'Solved boards',
    },
    elsewhere: 'While you look at something else',
    /** Where the browser's own notifications are, by what it allows. */
    notifies: {
      on: 'Your browser notifies you while no tab of dotcast is in view.',
      off: 'Your browser can notify you while no tab of dotcast is in view.',
      denied:
        'Your browser blocks notifications from this site. Allow them in its settings for this site, then turn them on here.',
      insecure:
        'Browsers show notifications only for pages that came over an encrypted connection (HTTPS). This one did not.',
      unsupported: 'This browser does not let pages show notifications.',
    },
    turnOn: 'Turn on notifications',
    turnOff: 'Turn off notifications',
    notifiesNow: 'Notifications are on',
  },

  log: {
    title: 'Log',
  },

  problems: {
    unknown: 'Something went wrong. Please reload the page.',
  },
};

/** What every language has to say. */
export type Catalogue = typeof en;
