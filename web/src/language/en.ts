import { numbersIn } from './numbers';

const { count, number } = numbersIn('en');

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
    crosses: (colors: string) => `crosses ${colors}`,
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
  },

  activity: {
    title: 'Activity',
  },

  sign: {
    in: 'Sign in',
  },

  shell: {
    skip: 'Skip to content',
  },

  settings: {
    title: 'Settings',
    language: 'Language',
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
