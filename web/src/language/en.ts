import { numbersIn } from './numbers';

const { count } = numbersIn('en');

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
