import type { Catalogue } from './en';
import { numbersIn } from './numbers';

const { count, named } = numbersIn('pl');

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
    main: 'Główna nawigacja',
    boards: 'Plansze',
    activity: 'Aktywność',
    unread: named({ one: 'nieprzeczytane', few: 'nieprzeczytane', other: 'nieprzeczytanych' }),
    newBoard: 'Nowa plansza',
    useLight: 'Włącz jasny motyw',
    useDark: 'Włącz ciemny motyw',
    menu: 'Menu',
    accountOf: (name) => `Konto ${name}`,
    signedInAs: 'Zalogowano jako',
    myBoards: 'Moje plansze',
    settings: 'Ustawienia',
    forDevelopers: 'Dla programistów',
    log: 'Dziennik zdarzeń',
    api: 'API',
    signIn: 'Zaloguj się',
    signOut: 'Wyloguj się',
    notifications: 'Powiadomienia',
    notLoaded:
      'Nie udało się wczytać tej części strony. Możliwe, że nie masz połączenia albo strona została zaktualizowana, odkąd ją otworzono.',
    tryAgain: 'Spróbuj ponownie',
    reload: 'Odśwież stronę',
    notice: {
      newBoard: (board, who) => `Nowa plansza „${board}” (${who})`,
      newPath: (board, who) => `Nowa ścieżka na planszy „${board}” (${who})`,
      boardUpdated: (board, who) => `Zmieniona plansza „${board}” (${who})`,
      boardDeleted: (board, who) => `Usunięta plansza „${board}” (${who})`,
      boardSolved: (board, who) => `Rozwiązana plansza „${board}” (${who})`,
    },
    andMore: (more) =>
      `i ${count({ one: 'inne zdarzenie', few: 'inne zdarzenia', other: 'innych zdarzeń' })(more)}`,
  },

  settings: {
    title: 'Ustawienia',
    lead: 'Zapamiętane w tej przeglądarce, wspólne dla wszystkich jej kart.',
    language: 'Język',
    languageMissing: 'Nie udało się wczytać tego języka. Odśwież stronę, aby spróbować ponownie.',
    appearance: 'Wygląd',
    theme: 'Motyw',
    themes: { system: 'Jak w systemie', light: 'Jasny', dark: 'Ciemny' },
    letters: 'Litery w kropkach',
    lettersHint: 'Pozwalają odróżnić pary bez patrzenia na kolory.',
    notifications: 'Powiadomienia',
    notificationsHint:
      'Dotyczy to powiadomień na stronie i licznika przy Aktywności. Sama Aktywność pokazuje wszystko.',
    muted: 'Wycisz wszystko',
    kinds: 'O czym powiadamiać',
    kind: {
      newBoard: 'Nowe plansze',
      newPath: 'Ścieżki innych osób',
      boardUpdated: 'Zmienione plansze',
      boardDeleted: 'Usunięte plansze',
      boardSolved: 'Rozwiązane plansze',
    },
    elsewhere: 'Gdy patrzysz na coś innego',
    notifies: {
      on: 'Przeglądarka powiadamia cię, gdy żadna karta dotcast nie jest widoczna.',
      off: 'Przeglądarka może cię powiadamiać, gdy żadna karta dotcast nie jest widoczna.',
      denied:
        'Przeglądarka blokuje powiadomienia z tej strony. Zezwól na nie w ustawieniach przeglądarki dla tej strony, a potem włącz je tutaj.',
      insecure:
        'Przeglądarki pokazują powiadomienia tylko ze stron wczytanych przez szyfrowane połączenie (HTTPS), a ta strona wczytała się bez niego.',
      unsupported: 'Ta przeglądarka nie pozwala stronom pokazywać powiadomień.',
    },
    turnOn: 'Włącz powiadomienia',
    turnOff: 'Wyłącz powiadomienia',
    notifiesNow: 'Powiadomienia są włączone',
  },

  log: {
    title: 'Dziennik',
  },

  problems: {
    unknown: 'Coś poszło nie tak. Odśwież stronę.',
  },
};
