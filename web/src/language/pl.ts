import type { Catalogue } from './en';
import { numbersIn } from './numbers';

const { count, number } = numbersIn('pl');

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
    label: (board) => `Plansza ${board}`,
    smaller: 'Pomniejsz',
    larger: 'Powiększ',
    zoom: (percent) => `${number(percent)}%`,
    cell: (row, column) => `Wiersz ${row}, kolumna ${column}`,
    dot: (color) => `kropka ${color}`,
    joinedDot: (color) => `kropka ${color}, połączona`,
    path: (color) => `ścieżka ${color}`,
    pathWithoutColor: 'ścieżka',
    onLine: 'na twojej linii',
    endOfLine: 'koniec twojej linii',
    crosses: (colors) => `przecięcie: ${colors}`,
    // They agree with kropka, para, ścieżka and linia, which are all feminine.
    colors: {
      red: 'czerwona',
      blue: 'niebieska',
      yellow: 'żółta',
      green: 'zielona',
      orange: 'pomarańczowa',
      violet: 'fioletowa',
      skyBlue: 'błękitna',
      pink: 'różowa',
      lime: 'limonkowa',
      teal: 'morska',
      brown: 'brązowa',
      slate: 'szaroniebieska',
      navy: 'granatowa',
      darkGreen: 'ciemnozielona',
      darkRed: 'ciemnoczerwona',
      cyan: 'turkusowa',
      magenta: 'purpurowa',
      lightPink: 'jasnoróżowa',
      lightBlue: 'jasnoniebieska',
      lightGreen: 'jasnozielona',
      white: 'biała',
      grey: 'szara',
      black: 'czarna',
    },
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
