import type { Code, OwnCode } from '../api/problem';
import type { RuleTexts } from '../rules/rule';
import { capital } from './capital';
import { numbersIn } from './numbers';

const { ago, count, list, moment, named, number, soon } = numbersIn('en');

const countCells = count({ one: 'cell', other: 'cells' });
const countPaths = count({ one: 'path', other: 'paths' });
const misfits = named({
  one: 'One of your lines did not fit any more.',
  other: '# of your lines did not fit any more.',
});
const countDots = count({ one: 'dot', other: 'dots' });
const foundBoards = count({ one: 'board found', other: 'boards found' });
const foundSoFar = count({ one: 'board found so far', other: 'boards found so far' });
const people = count({ one: 'person', other: 'people' });
const countPairs = count({ one: 'pair', other: 'pairs' });
const savedPaths = named({ one: 'saved a path', other: 'saved # paths' });
const madeChanges = named({ one: 'changed', other: 'made # changes to' });

/** For what the server refuses only when the page is older or newer than it. */
const PAGE_IS_WRONG = 'The server did not understand this page. Please reload it and try again.';

/** All that the page says, in English. */
export const en = {
  common: {
    moment,
    /** How long ago something happened; both in milliseconds. */
    ago: (then: number, now: number) => ago(then, now) ?? 'just now',
    /** In how many seconds something may be tried again, as far as that is known. */
    soon: (seconds: number | null) => (seconds === null ? 'in a moment' : soon(seconds)),
    retry: 'Try again',
    loading: 'Loading…',
    dismiss: 'Dismiss',
    allBoards: 'See all boards',
    notFound: 'Nothing here',
    notFoundLead: 'There is no page at this address.',
  },

  connection: {
    connecting: 'Connecting',
    live: 'Live',
    reconnecting: 'Reconnecting',
    offline: 'Offline',
    'signed-out': 'Not signed in',
    offlineLead:
      'You are offline. What you see may be out of date. Whatever you miss arrives once you are back.',
    signedOutLead:
      'Only users hear of what happens here. Sign in, and you get everything you have missed.',
  },

  boards: {
    title: 'Boards',
    lead: 'Join the dots of one colour. Lines may not cross.',
    /** Leads to a board for beginners. */
    begin: 'Play an easy one',
    make: 'New board',
    mine: 'My boards',
    by: (username: string) => `Boards by ${username}`,

    search: 'Search by name',
    show: 'Show',
    shows: { all: 'All', mine: 'Mine', unsolved: 'Unsolved' },
    sort: 'Order',
    sorts: { newest: 'Newest', most_solved: 'Most solved' },
    /** How many boards were found so far, or in all. */
    found: (number: number, isWhole: boolean) =>
      isWhole ? foundBoards(number) : foundSoFar(number),

    loading: 'Loading boards',
    more: 'Load more',
    waiting: count({ one: 'new board', other: 'new boards' }),
    none: 'No boards yet. Make the first one.',
    noneOf: 'There are none.',
    nothing: 'No boards match your search.',
    showAll: 'Show all boards',
    /** `null` for one's own. */
    showAllBy: (username: string | null) =>
      username === null ? 'Show all my boards' : `Show all boards by ${username}`,

    gone: 'This board was deleted.',
    solved: 'You have solved it.',
    /** How many of the pairs one has joined. */
    joined: (joined: number, pairs: number) => `You have joined ${joined} of ${countPairs(pairs)}.`,
    /** How many users have solved a board. */
    solvedBy: (users: number) => (users === 0 ? 'Not solved yet' : `Solved by ${people(users)}`),
  },

  draw: {
    loading: 'Board',
    gone: 'This board is gone',
    goneLead: 'Somebody has deleted it, and the paths on it went with it. Or it never was.',
    linesGone: named({
      one: 'A line that you drew on it was not saved yet, and went, too.',
      other: '# lines that you drew on it were not saved yet, and went, too.',
    }),

    lead: '{size}, made by {maker}',
    solvedBy: named({ one: 'Solved by one person', other: 'Solved by # people' }),
    hint: 'Drag from a dot to its partner.',
    keys: 'By keyboard: Enter on a dot, then the arrow keys; Enter saves, Backspace takes back, Escape clears.',

    tools: 'Drawing',
    undo: 'Undo',
    redo: 'Redo',
    clear: 'Clear',
    save: 'Save',
    more: 'More',
    edit: 'Edit',
    copyLink: 'Copy link',
    linkCopied: 'Link copied.',
    likeThis: 'Make a board like this',
    restart: 'Start over',
    remove: 'Delete board',
    removeLead: 'It goes for everybody, and with it all paths that people have drawn on it.',

    line: (pair: string, cells: number, joins: boolean) =>
      `${capital(pair)}, ${countCells(cells)}${joins ? ', joined' : ''}`,
    noDot: 'There is no dot here. Paths begin at a dot.',
    noWay: 'There is no way there.',
    useArrows: 'Use the arrow keys to draw.',
    joinedAlready: (pair: string) =>
      `${capital(pair)} is joined already. Delete its path to draw another one.`,
    saving: 'Saving…',
    isJoined: (pair: string) => `${capital(pair)} is joined.`,
    joinsNothing: 'This line does not join a pair.',
    lastPair: 'That was the last pair.',
    crossing: 'Every pair is joined, but some lines cross.',
    undone: 'Undone.',
    redone: 'Done again.',
    cleared: 'Cleared.',
    changed: (maker: string, lost: number) =>
      `${maker} has just changed this board.${lost > 0 ? ` ${misfits(lost)}` : ''}`,
    dropped: misfits,
    noRoom: 'This browser has no room for more lines. Sign in, and those that wait are saved.',
    madeRoom: 'To make room, this browser has forgotten unsaved lines on an older board.',

    waiting: named({
      one: 'One line is not saved yet.',
      other: '# lines are not saved yet.',
    }),
    signUpAndSave: 'Sign up and save',
    signInAndSave: 'Sign in and save',
    signIn: 'Sign in',
    signUpToCount: 'Sign up to have it counted.',
    signInToCount: 'Sign in to have it counted.',

    pairs: 'Pairs',
    progress: (joined: number, all: number) => `${number(joined)} of ${number(all)} joined`,
    noDots: 'This board has no dots yet, so there is nothing to join.',
    joined: 'joined',
    cross: (one: string, other: string) => `${capital(one)} and ${other}`,
    crossLead: 'These lines cross. The board is solved when none do:',

    paths: 'Your paths',
    noPaths: 'None yet. Only you see what you draw.',
    pathName: (pair: string) => capital(pair),
    noPair: 'Path',
    pathState: (cells: number, joins: boolean, isSaved: boolean) =>
      [countCells(cells), joins ? 'joined' : 'not joined', isSaved ? '' : 'not saved']
        .filter(Boolean)
        .join(', '),
    deletePath: (place: number, name: string) => `Delete path ${number(place)}: ${name}`,
    pathsDeleted: (paths: number, board: string) => `${countPaths(paths)} on ${board} deleted.`,
    pathsKept: named({ one: 'The path is still there.', other: 'Paths are still there.' }),
    boardDeleted: (board: string) => `The board ${board} was deleted.`,
    boardKept: (board: string) => `The board ${board} is still there.`,
    deletions: 'Deleted',

    solved: 'Solved!',
    youAndOthers: named({
      one: 'You are the first to solve this board.',
      other: 'Solved by # people.',
    }),
    solvedBefore: 'You have solved this board.',
    next: 'Next board',
    noNext: 'You have solved all boards that there are.',
    share: 'Share',
    iSolved: (board: string) => `I solved ${board}`,
  },

  grid: {
    label: (board: string) => `Board ${board}`,
    smaller: 'Smaller',
    larger: 'Larger',
    zoom: (percent: number) => `${number(percent)}%`,
    cell: (row: number, column: number) => `Row ${row}, column ${column}`,
    dot: (color: string) => `${color} dot`,
    joinedDot: (color: string) => `${color} dot, joined`,
    path: (color: string) => `${color} path`,
    pathWithoutColor: 'path',
    onLine: 'on your line',
    endOfLine: 'end of your line',
    crosses: (colors: readonly string[]) => `crosses ${list(colors)}`,
    colors: {
      red: 'red',
      blue: 'blue',
      yellow: 'yellow',
      green: 'green',
      orange: 'orange',
      violet: 'violet',
      skyBlue: 'sky blue',
      pink: 'pink',
      lime: 'lime',
      teal: 'teal',
      brown: 'brown',
      slate: 'slate',
      navy: 'navy',
      darkGreen: 'dark green',
      darkRed: 'dark red',
      cyan: 'cyan',
      magenta: 'magenta',
      lightPink: 'light pink',
      lightBlue: 'light blue',
      lightGreen: 'light green',
      white: 'white',
      grey: 'grey',
      black: 'black',
    },
  },

  editor: {
    title: 'New board',
    lead: 'Name it, choose its size, and place pairs of dots for others to join.',
    edit: (board: string) => `Edit ${board}`,
    notYours: (creator: string) =>
      `Only ${creator}, who made it, can change this board. But you can {draw|draw on it}.`,
    changedElsewhere: 'This board was changed elsewhere since you began to edit it.',
    dropMine: 'Drop my changes and reload',
    overwrite: 'Overwrite it with mine',
    save: 'Save board',
    saving: 'Saving…',
    signInAndSave: 'Sign in and save',
    cancel: 'Cancel',
    reasons: 'Before it can be saved',
    name: 'Name',
    rows: 'Rows',
    cols: 'Columns',
    sideRange: (min: number, max: number) => `${min} to ${max}`,
    color: 'Colour',
    otherColor: 'Another colour',
    colorWithDots: (color: string, dots: number) => `${color}, ${countDots(dots)}`,
    colorIsFull: (color: string) =>
      `${capital(color)} has its two dots. Choose another colour, or take one away.`,
    colorIsDone: (color: string) => `${capital(color)} is done.`,
    colorIsDoneNext: (color: string, next: string) => `${capital(color)} is done. Next: ${next}.`,
    grid: 'Dots of the board',
    howTo:
      'Click a cell, or press Enter on it, to place a dot there or to take it away. Two dots make a pair.',
    cellWithDot: (cell: string, color: string) => `${cell}, ${color} dot`,
    emptyCell: (cell: string) => `${cell}, empty`,
    removeOutside: 'Remove the dots outside',
    nameMissing: 'Give the board a name.',
    pairIncomplete: (color: string, dots: number) =>
      `${capital(color)} needs two dots and has ${number(dots)}.`,
    dotsOutside: named({
      one: '# dot lies outside of the grid now.',
      other: '# dots lie outside of the grid now.',
    }),
    /** What is wrong with a field; `rule` is one of `problems.rules`. */
    broken: {
      name: (rule: string) => `The name ${rule}.`,
      rows: (rule: string) => `Rows ${rule}.`,
      cols: (rule: string) => `Columns ${rule}.`,
      dots: (rule: string) => `A dot ${rule}.`,
    },
    makeUp: 'Let the page place them',
    difficulty: 'Difficulty',
    easy: 'Easy: many short lines',
    medium: 'Medium',
    hard: 'Hard: few long lines',
    makeUpOne: 'Make up a board',
    makeUpAnother: 'Make up another',
    putBack: 'Put mine back',
    makeUpFailed: 'That did not work. Reload the page and try again.',
    solvable: 'This board can be solved.',
    maybeSolvable: 'Whether this board can be solved would take too long to find out.',
    unsolvable: 'This board cannot be solved: lines would have to cross.',
    unsolvablePairs: (one: string, other: string) =>
      `This board cannot be solved: the lines of ${one} and ${other} would have to cross.`,
  },

  activity: {
    title: 'Activity',
    lead: 'What people did on the boards, newest first.',
    empty: 'Nothing has happened yet. New boards and paths will be listed as they come.',
    news: named({
      one: '# thing happened since you last looked.',
      other: '# things happened since you last looked.',
    }),
    older: 'Show older',
    isNew: 'new',
    wasAway: 'while you were away',
    /** Why the list is not complete, by the reason of a reset. */
    gaps: {
      expired:
        'More has happened while you were away than the server keeps, so this list has a gap. The boards that you see are up to date.',
      ahead:
        'The server has gone back to an earlier state. The boards that you see are as they are there now.',
      restored:
        'The server was restored to an earlier state. The boards that you see are as they are there now.',
    },
    /** What somebody, or the visitor (null), has done to a board so many times. */
    deeds: {
      newBoard: (who: string | null) => `${who ?? 'You'} made the board {board}`,
      newPath: (who: string | null, times: number) =>
        `${who ?? 'You'} ${savedPaths(times)} on {board}`,
      boardUpdated: (who: string | null, times: number) =>
        `${who ?? 'You'} ${madeChanges(times)} the board {board}`,
      boardDeleted: (who: string | null) => `${who ?? 'You'} deleted the board {board}`,
      boardSolved: (who: string | null) => `${who ?? 'You'} solved {board}`,
    },
    andMore: (deed: string, more: number) => `${deed}, and ${number(more)} more`,
  },

  sign: {
    in: 'Sign in',
    up: 'Create an account',
    closed: 'This server takes no new accounts. Ask whoever runs it for one, or {signIn|sign in}.',
    expired: 'Your session has ended. Sign in again to go on where you were.',
    username: 'Username',
    usernameHint: '3 to 32 letters, digits, _ or -. Others see it.',
    usernameWrong: 'It must be 3 to 32 characters out of a-z, A-Z, 0-9, _ and -.',
    password: 'Password',
    passwordHint: '8 characters or more.',
    passwordWrong: 'It must be 8 to 256 characters long.',
    showPassword: 'Show password',
    busy: 'One moment…',
    create: 'Create account',
    haveAccount: 'Already have an account? {go|Sign in}',
    newHere: 'New here? {go|Create an account}',
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
    admin: 'Administration',
    forDevelopers: 'For developers',
    log: 'Event log',
    api: 'API',
    signIn: 'Sign in',
    signOut: 'Sign out',
    notifications: 'Notifications',
    notLoaded:
      'This part of the page could not be loaded. You may be offline, or the page may have been updated since you opened it.',
    reload: 'Reload the page',
  },

  settings: {
    title: 'Settings',
    lead: 'Kept in this browser, and the same in all its tabs.',
    language: 'Language',
    languageMissing: 'This language could not be loaded. Reload the page to try again.',
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
    lead: 'The raw event stream, on a connection of its own.',
    states: {
      connecting: 'Connecting…',
      open: 'Stream is open',
      waiting: 'Cut off, about to connect again…',
      refused: 'The server refused',
    },
    paused: (held: number) => `paused, ${number(held)} held back`,
    pause: 'Pause',
    goOn: 'Go on',
    clear: 'Clear',
    copy: 'Copy the command',
    copied: 'Copied.',
    notCopied: 'Not copied: select the command.',
    events: 'Events',
    empty: 'Nothing yet. What the server sends shows up here byte for byte.',
    types: 'Types',
    onlyBoards: 'Only board ids',
    since: 'Since',
    sinceHint: '10m, or 2026-11-27T12:00:00Z',
    resumeAfter: 'Resume after id',
    sessionEnded: 'Your session has ended. Sign in again to go on.',
  },

  problems: {
    unknown: 'Something went wrong. Please reload the page.',
    gateway: 'The server cannot be reached right now. Please try again in a moment.',
    refusedOnTheWay: 'Something between here and the server refused this. Please try again.',
    /** By the server's codes, and the page's own; `{when}` says in how long to try again. */
    codes: {
      no_answer: 'The server cannot be reached. Check your connection and try again.',
      session_not_kept:
        'Your browser did not keep the session. Allow cookies for this site, and sign in again.',
      invalid_json: PAGE_IS_WRONG,
      empty_body: PAGE_IS_WRONG,
      invalid_parameter: 'The server does not take that value. Please check it.',
      unknown_parameter: PAGE_IS_WRONG,
      invalid_header: 'The server does not take that value. Please check it.',
      invalid_cursor: 'That is not the id of an event.',
      tls_required: 'This server takes encrypted connections only. Open it with https://.',
      missing_token: 'Please sign in first.',
      invalid_token: 'Your session is not known any more. Please sign in again.',
      expired_token: 'Your session has expired. Please sign in again.',
      revoked_token: 'Your session was ended. Please sign in again.',
      wrong_credentials: 'That username and password do not match.',
      not_board_owner: 'This board belongs to somebody else.',
      registration_closed: 'This server takes no new accounts. Ask whoever runs it for one.',
      not_administrator: 'Only an administrator may do this.',
      user_disabled: 'This account is disabled. Ask whoever runs this server.',
      origin_mismatch:
        'The server does not take this page for its own. Open it at the address of the server.',
      not_found: 'This does not exist any more.',
      board_not_found: 'This board does not exist any more.',
      path_not_found: 'This path does not exist any more.',
      session_not_found: 'This session does not exist any more.',
      consumer_not_found: 'This consumer does not exist.',
      user_not_found: 'This user does not exist any more.',
      method_not_allowed: PAGE_IS_WRONG,
      request_timeout: 'That took too long. Please try again.',
      username_taken: 'That username is taken. Please choose another.',
      has_boards: 'They have boards, which would have to be deleted, too.',
      last_administrator: 'Nobody else administers this server.',
      too_many_boards: 'You have as many boards as you may have here. Delete one first.',
      too_many_paths: 'You have as many paths on this board as you may have. Delete one first.',
      too_many_consumers: 'You have as many consumers as you may have. Delete one first.',
      leased: 'Another program has these events right now.',
      lease_lost: 'Another program was given these events in the meantime.',
      stale_version: 'The board was changed by somebody in the meantime.',
      body_too_large: 'That is too much for the server to take.',
      unsupported_media_type: PAGE_IS_WRONG,
      validation_failed: 'Some of what you entered is not valid.',
      idempotency_mismatch: PAGE_IS_WRONG,
      rate_limited: 'That was too much at a time. Please try again {when}.',
      internal: 'Something went wrong in the server. Please try again.',
      too_many_streams: 'The server has too many listeners right now. Please try again {when}.',
      unavailable: 'The server is busy right now. Please try again {when}.',
      too_many_connections: 'The server is busy right now. Please try again {when}.',
    } satisfies Record<Code | OwnCode, string>,
    /** The rules for boards and paths in the words of the server; something comes before that breaks them. */
    rules: {
      nameLength: ({ min, max }) =>
        `must be ${min} to ${max} characters long, not counting spaces around it`,
      controlCharacters: () => 'must not hold control characters',
      side: ({ min, max }) => `must be from ${min} to ${max}`,
      outside: ({ last }) => `must be from 0 to ${last}, inside the grid`,
      sameCell: ({ other }) => `is in the same cell as dots[${other}]`,
      color: () => 'must be a colour such as #1e90ff',
      pair: ({ color, dots }) => `must be on exactly two dots; ${color} is on ${dots}`,
      tooShort: () => 'must be at least two cells',
      visitedTwice: ({ other }) => `is the same cell as cells[${other}]`,
      notNext: () => 'must be right above, below, left or right of the cell before it',
    } satisfies RuleTexts as RuleTexts,
  },
};

/** What every language has to say. */
export type Catalogue = typeof en;
