import type { Catalogue } from './en';
import { numbersIn } from './numbers';

const { count } = numbersIn('pl');

/** All that the page says, in Polish. */
export const pl: Catalogue = {
  common: {
    boards: count({ one: 'plansza', few: 'plansze', other: 'plansz' }),
    cells: count({ one: 'pole', few: 'pola', other: 'pól' }),
    paths: count({ one: 'ścieżka', few: 'ścieżki', other: 'ścieżek' }),
  },

  boards: {
    title: 'Plansze',
  },

  draw: {
    save: 'Zapisz',
  },

  grid: {
    larger: 'Powiększ',
  },

  editor: {
    title: 'Nowa plansza',
  },

  activity: {
    title: 'Co się dzieje',
  },

  sign: {
    in: 'Zaloguj się',
  },

  shell: {
    skip: 'Przejdź do treści',
  },

  settings: {
    title: 'Ustawienia',
    language: 'Język',
  },

  log: {
    title: 'Dziennik',
  },

  problems: {
    unknown: 'Coś poszło nie tak. Odśwież stronę.',
  },
};
