import { capital } from './capital';
import type { Catalogue } from './en';
import { numbersIn } from './numbers';

const { ago, count, list, moment, named, number, soon } = numbersIn('pl');

const countCells = count({ one: 'pole', few: 'pola', other: 'pól' });
const deletedPaths = count({ one: 'ścieżkę', few: 'ścieżki', other: 'ścieżek' });
const misfits = named({
  one: 'Jedna z twoich linii już nie pasuje.',
  few: '# twoje linie już nie pasują.',
  other: '# twoich linii już nie pasuje.',
});
const foundBoards = count({
  one: 'znaleziona plansza',
  few: 'znalezione plansze',
  other: 'znalezionych plansz',
});
const foundSoFar = count({
  one: 'plansza znaleziona do tej pory',
  few: 'plansze znalezione do tej pory',
  other: 'plansz znalezionych do tej pory',
});
const solvers = count({ one: 'osobę', few: 'osoby', other: 'osób' });

const countDots = count({ one: 'kropka', few: 'kropki', other: 'kropek' });
const newPaths = named({
  one: 'nowa ścieżka',
  few: '# nowe ścieżki',
  other: '# nowych ścieżek',
});
const changes = named({ one: 'zmiana', few: '# zmiany', other: '# zmian' });
const otherEvents = count({
  one: 'inne zdarzenie',
  few: 'inne zdarzenia',
  other: 'innych zdarzeń',
});

const PAGE_IS_WRONG = 'Serwer nie zrozumiał tej strony. Odśwież ją i spróbuj ponownie.';

/** All that the page says, in Polish. */
export const pl: Catalogue = {
  common: {
    moment,
    ago: (then, now) => ago(then, now) ?? 'przed chwilą',
    soon: (seconds) => (seconds === null ? 'za chwilę' : soon(seconds)),
    retry: 'Spróbuj ponownie',
    loading: 'Wczytuję…',
    dismiss: 'Zamknij',
    allBoards: 'Zobacz wszystkie plansze',
    notFound: 'Nic tu nie ma',
    notFoundLead: 'Pod tym adresem nie ma żadnej strony.',
  },

  connection: {
    connecting: 'Łączę',
    live: 'Na żywo',
    reconnecting: 'Łączę ponownie',
    offline: 'Offline',
    'signed-out': 'Wymaga logowania',
    offlineLead:
      'Nie masz połączenia z siecią. To, co widzisz, może być nieaktualne. Wszystko, co cię ominie, pojawi się po powrocie połączenia.',
    signedOutLead:
      'Tylko zalogowani widzą, co się tu dzieje. Zaloguj się, a zobaczysz wszystko, co cię ominęło.',
  },

  boards: {
    title: 'Plansze',
    lead: 'Połącz kropki tego samego koloru. Linie nie mogą się krzyżować.',
    begin: 'Zagraj w łatwą',
    make: 'Nowa plansza',
    mine: 'Moje plansze',
    by: (username) => `Plansze użytkownika ${username}`,

    search: 'Szukaj po nazwie',
    show: 'Pokaż',
    shows: { all: 'Wszystkie', mine: 'Moje', unsolved: 'Nierozwiązane' },
    sort: 'Kolejność',
    sorts: { newest: 'Najnowsze', most_solved: 'Najczęściej rozwiązane' },
    found: (number, isWhole) => (isWhole ? foundBoards(number) : foundSoFar(number)),

    loading: 'Wczytuję plansze',
    more: 'Pokaż więcej',
    waiting: count({ one: 'nowa plansza', few: 'nowe plansze', other: 'nowych plansz' }),
    none: 'Nie ma jeszcze żadnej planszy. Zrób pierwszą.',
    noneOf: 'Nie ma tu żadnych plansz.',
    nothing: 'Nie ma takich plansz.',
    showAll: 'Pokaż wszystkie plansze',
    showAllBy: (username) =>
      username === null
        ? 'Pokaż wszystkie moje plansze'
        : `Pokaż wszystkie plansze użytkownika ${username}`,

    gone: 'Ta plansza została usunięta.',
    solved: 'Masz ją rozwiązaną.',
    joined: (joined, pairs) => `Połączone pary: ${joined} z ${number(pairs)}.`,
    solvedBy: (users) =>
      users === 0 ? 'Jeszcze nierozwiązana' : `Rozwiązana przez ${solvers(users)}`,
  },

  draw: {
    loading: 'Plansza',
    gone: 'Tej planszy już nie ma',
    goneLead: 'Ktoś ją usunął razem ze ścieżkami, które na niej były. Albo nigdy jej nie było.',
    linesGone: named({
      one: 'Przepadła też niezapisana linia, którą na niej masz.',
      few: 'Przepadły też # niezapisane linie, które na niej masz.',
      other: 'Przepadło też # niezapisanych linii, które na niej masz.',
    }),

    lead: '{size}, autor: {maker}',
    solvedBy: named({
      one: 'Rozwiązana przez jedną osobę',
      few: 'Rozwiązana przez # osoby',
      other: 'Rozwiązana przez # osób',
    }),
    hint: 'Przeciągnij od kropki do jej pary.',
    keys: 'Na klawiaturze: Enter na kropce, potem strzałki; Enter zapisuje, Backspace cofa, Escape czyści.',

    tools: 'Rysowanie',
    undo: 'Cofnij',
    redo: 'Ponów',
    clear: 'Wyczyść',
    save: 'Zapisz',
    more: 'Więcej',
    edit: 'Edytuj',
    copyLink: 'Kopiuj link',
    linkCopied: 'Link skopiowany.',
    likeThis: 'Utwórz podobną planszę',
    restart: 'Zacznij od nowa',
    remove: 'Usuń planszę',
    removeLead: 'Zniknie dla wszystkich, razem ze wszystkimi ścieżkami, które na niej są.',

    line: (pair, cells, joins) =>
      `${capital(pair)}, ${countCells(cells)}${joins ? ', para połączona' : ''}`,
    noDot: 'Tu nie ma kropki. Ścieżka zaczyna się od kropki.',
    noWay: 'Tam nie da się dojść.',
    useArrows: 'Rysuj strzałkami.',
    joinedAlready: (pair) =>
      `Para „${pair}” jest już połączona. Usuń jej ścieżkę, aby narysować inną.`,
    saving: 'Zapisuję…',
    isJoined: (pair) => `Para „${pair}” połączona.`,
    joinsNothing: 'Ta linia nie łączy żadnej pary.',
    lastPair: 'To była ostatnia para.',
    crossing: 'Wszystkie pary są połączone, ale niektóre linie się przecinają.',
    undone: 'Cofnięto.',
    redone: 'Ponowiono.',
    cleared: 'Wyczyszczono.',
    changed: (maker, lost) =>
      `Plansza właśnie się zmieniła (zmiany: ${maker}).${lost > 0 ? ` ${misfits(lost)}` : ''}`,
    dropped: misfits,
    noRoom:
      'W przeglądarce nie ma miejsca na więcej linii. Zaloguj się, a te, które czekają, zostaną zapisane.',
    madeRoom:
      'Aby zrobić miejsce, przeglądarka usunęła niezapisane linie z jednej ze starszych plansz.',

    waiting: named({
      one: 'Jedna linia nie jest jeszcze zapisana.',
      few: '# linie nie są jeszcze zapisane.',
      other: '# linii nie jest jeszcze zapisanych.',
    }),
    signUpAndSave: 'Załóż konto i zapisz',
    signInAndSave: 'Zaloguj się i zapisz',
    signIn: 'Zaloguj się',
    signUpToCount: 'Załóż konto, aby ją zaliczyć.',
    signInToCount: 'Zaloguj się, aby ją zaliczyć.',

    pairs: 'Pary',
    progress: (joined, all) => `Połączone: ${number(joined)} z ${number(all)}`,
    noDots: 'Na tej planszy nie ma jeszcze kropek, więc nie ma czego łączyć.',
    joined: 'połączona',
    cross: (one, other) => `${capital(one)} i ${other}`,
    crossLead: 'Te linie się przecinają. Plansza będzie rozwiązana, gdy żadne nie będą:',

    paths: 'Twoje ścieżki',
    noPaths: 'Jeszcze żadnej. Tylko ty widzisz to, co rysujesz.',
    pathName: (pair) => capital(pair),
    noPair: 'Ścieżka',
    pathState: (cells, joins, isSaved) =>
      [countCells(cells), joins ? 'łączy parę' : 'nie łączy pary', isSaved ? '' : 'niezapisana']
        .filter(Boolean)
        .join(', '),
    deletePath: (place, name) => `Usuń ścieżkę ${number(place)}: ${name}`,
    pathsDeleted: (paths, board) => `Usunięto ${deletedPaths(paths)} z planszy ${board}.`,
    pathsKept: named({ one: 'Ścieżka nadal tam jest.', other: 'Ścieżki nadal tam są.' }),
    boardDeleted: (board) => `Usunięto planszę ${board}.`,
    boardKept: (board) => `Plansza ${board} nadal istnieje.`,
    deletions: 'Usunięte',

    solved: 'Rozwiązana!',
    youAndOthers: named({
      one: 'Nikt przed tobą nie rozwiązał tej planszy.',
      few: 'Rozwiązana przez # osoby.',
      other: 'Rozwiązana przez # osób.',
    }),
    solvedBefore: 'Ta plansza jest już przez ciebie rozwiązana.',
    next: 'Następna plansza',
    noNext: 'Wszystkie plansze są już przez ciebie rozwiązane.',
    share: 'Udostępnij',
    iSolved: (board) => `Plansza ${board} rozwiązana!`,
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
    crosses: (colors) => `przecięcie: ${list(colors)}`,
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
    lead: 'Nazwij ją, wybierz rozmiar i rozmieść pary kropek, które inni będą łączyć.',
    edit: (board) => `Edycja planszy ${board}`,
    notYours: (creator) =>
      `To plansza użytkownika ${creator} i nikt inny nie może jej zmieniać. Możesz za to {draw|na niej rysować}.`,
    changedElsewhere: 'Od początku edycji ta plansza zmieniła się w innym miejscu.',
    dropMine: 'Porzuć moje zmiany i wczytaj ponownie',
    overwrite: 'Zastąp ją moją wersją',
    save: 'Zapisz planszę',
    saving: 'Zapisuję…',
    signInAndSave: 'Zaloguj się i zapisz',
    cancel: 'Anuluj',
    reasons: 'Zanim będzie można zapisać',
    name: 'Nazwa',
    rows: 'Wiersze',
    cols: 'Kolumny',
    sideRange: (min, max) => `Od ${min} do ${max}`,
    color: 'Kolor',
    otherColor: 'Inny kolor',
    colorWithDots: (color, dots) => `${color}, ${countDots(dots)}`,
    colorIsFull: (color) =>
      `${capital(color)} para ma już dwie kropki. Wybierz inny kolor albo usuń jedną z nich.`,
    colorIsDone: (color) => `${capital(color)} para jest gotowa.`,
    colorIsDoneNext: (color, next) => `${capital(color)} para jest gotowa. Następna: ${next}.`,
    grid: 'Kropki planszy',
    howTo:
      'Kliknij pole albo naciśnij na nim Enter, aby postawić lub usunąć kropkę. Dwie kropki tworzą parę.',
    cellWithDot: (cell, color) => `${cell}, kropka ${color}`,
    emptyCell: (cell) => `${cell}, puste`,
    removeOutside: 'Usuń kropki poza siatką',
    nameMissing: 'Nadaj planszy nazwę.',
    pairIncomplete: (color, dots) => `Para ${color} potrzebuje dwóch kropek, a ma ${number(dots)}.`,
    dotsOutside: named({
      one: '# kropka leży teraz poza siatką.',
      few: '# kropki leżą teraz poza siatką.',
      other: '# kropek leży teraz poza siatką.',
    }),
    broken: {
      name: (rule) => `Nazwa ${rule}.`,
      rows: (rule) => `Liczba wierszy ${rule}.`,
      cols: (rule) => `Liczba kolumn ${rule}.`,
      dots: (rule) => `Jedna z kropek ${rule}.`,
    },
    makeUp: 'Niech strona je rozmieści',
    difficulty: 'Poziom trudności',
    easy: 'Łatwy: dużo krótkich linii',
    medium: 'Średni',
    hard: 'Trudny: mało długich linii',
    makeUpOne: 'Wymyśl planszę',
    makeUpAnother: 'Wymyśl inną',
    putBack: 'Przywróć moją',
    makeUpFailed: 'Nie udało się. Odśwież stronę i spróbuj ponownie.',
    solvable: 'Tę planszę można rozwiązać.',
    maybeSolvable: 'Sprawdzenie, czy tę planszę można rozwiązać, trwałoby zbyt długo.',
    unsolvable: 'Tej planszy nie można rozwiązać: linie musiałyby się przeciąć.',
    unsolvablePairs: (one, other) =>
      `Tej planszy nie można rozwiązać: linie ${one} i ${other} musiałyby się przeciąć.`,
  },

  activity: {
    title: 'Aktywność',
    lead: 'Co dzieje się na planszach, od najnowszych zdarzeń.',
    empty: 'Nic się jeszcze nie wydarzyło. Nowe plansze i ścieżki pojawią się tu na bieżąco.',
    news: named({
      one: '# zdarzenie od twojej ostatniej wizyty.',
      few: '# zdarzenia od twojej ostatniej wizyty.',
      other: '# zdarzeń od twojej ostatniej wizyty.',
    }),
    older: 'Pokaż starsze',
    isNew: 'nowe',
    wasAway: 'pod twoją nieobecność',
    gaps: {
      expired:
        'Pod twoją nieobecność wydarzyło się więcej, niż serwer przechowuje, więc na liście jest luka. Plansze, które widzisz, są aktualne.',
      ahead:
        'Serwer wrócił do wcześniejszego stanu. Plansze, które widzisz, odpowiadają temu, co jest tam teraz.',
      restored:
        'Na serwerze przywrócono wcześniejszy stan. Plansze, które widzisz, odpowiadają temu, co jest tam teraz.',
    },
    // Without verbs in the past tense, which have a gender.
    deeds: {
      newBoard: (who) => `${who ?? 'Ty'}: nowa plansza {board}`,
      newPath: (who, times) => `${who ?? 'Ty'}: ${newPaths(times)} na planszy {board}`,
      boardUpdated: (who, times) => `${who ?? 'Ty'}: ${changes(times)} planszy {board}`,
      boardDeleted: (who) => `${who ?? 'Ty'}: plansza {board} usunięta`,
      boardSolved: (who) => `${who ?? 'Ty'}: plansza {board} rozwiązana`,
    },
    andMore: (deed, more) => `${deed} i jeszcze ${otherEvents(more)}`,
  },

  sign: {
    in: 'Zaloguj się',
    up: 'Załóż konto',
    closed:
      'Ten serwer nie przyjmuje nowych kont. Poproś o konto osobę, która go prowadzi, albo {signIn|zaloguj się}.',
    expired: 'Twoja sesja wygasła. Zaloguj się ponownie, a wrócisz w to samo miejsce.',
    username: 'Nazwa użytkownika',
    usernameHint: 'Od 3 do 32 liter, cyfr oraz znaków _ i -. Inni ją zobaczą.',
    usernameWrong: 'Nazwa użytkownika musi mieć od 3 do 32 znaków spośród a-z, A-Z, 0-9, _ i -.',
    password: 'Hasło',
    passwordHint: 'Co najmniej 8 znaków.',
    passwordWrong: 'Hasło musi mieć od 8 do 256 znaków.',
    showPassword: 'Pokaż hasło',
    busy: 'Chwileczkę…',
    create: 'Załóż konto',
    haveAccount: 'Masz już konto? {go|Zaloguj się}',
    newHere: 'Nie masz konta? {go|Załóż je}',
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
    admin: 'Administracja',
    forDevelopers: 'Dla programistów',
    log: 'Dziennik zdarzeń',
    api: 'API',
    signIn: 'Zaloguj się',
    signOut: 'Wyloguj się',
    notifications: 'Powiadomienia',
    notLoaded:
      'Nie udało się wczytać tej części strony. Możliwe, że nie masz połączenia albo strona została zaktualizowana, odkąd ją otworzono.',
    reload: 'Odśwież stronę',
  },

  settings: {
    title: 'Ustawienia',
    lead: 'Zapamiętane w tej przeglądarce, wspólne dla wszystkich jej kart.',
    language: 'Język',
    languageMissing: 'Nie udało się wczytać tego języka. Odśwież stronę, aby spróbować ponownie.',
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
    title: 'Dziennik zdarzeń',
    lead: 'Surowy strumień zdarzeń przez osobne połączenie.',
    states: {
      connecting: 'Łączę…',
      open: 'Strumień jest otwarty',
      waiting: 'Połączenie przerwane, zaraz spróbuję ponownie…',
      refused: 'Serwer odmówił',
    },
    paused: (held) => `wstrzymano, w kolejce: ${number(held)}`,
    pause: 'Wstrzymaj',
    goOn: 'Wznów',
    clear: 'Wyczyść',
    copy: 'Skopiuj polecenie',
    copied: 'Skopiowano.',
    notCopied: 'Nie udało się skopiować: zaznacz polecenie.',
    events: 'Zdarzenia',
    empty: 'Jeszcze nic. Wszystko, co wyśle serwer, pojawi się tu bajt po bajcie.',
    types: 'Typy',
    onlyBoards: 'Tylko plansze o id',
    since: 'Od',
    sinceHint: '10m albo 2026-11-27T12:00:00Z',
    resumeAfter: 'Wznów po id',
    sessionEnded: 'Twoja sesja się zakończyła. Zaloguj się ponownie, aby kontynuować.',
  },

  problems: {
    unknown: 'Coś poszło nie tak. Odśwież stronę.',
    gateway: 'Serwer jest teraz nieosiągalny. Spróbuj ponownie za chwilę.',
    refusedOnTheWay: 'Coś po drodze do serwera odrzuciło to żądanie. Spróbuj ponownie.',
    codes: {
      no_answer: 'Nie można połączyć się z serwerem. Sprawdź połączenie i spróbuj ponownie.',
      session_not_kept:
        'Twoja przeglądarka nie zachowała sesji. Zezwól tej stronie na pliki cookie i zaloguj się ponownie.',
      invalid_json: PAGE_IS_WRONG,
      empty_body: PAGE_IS_WRONG,
      invalid_parameter: 'Serwer nie przyjmuje tej wartości. Sprawdź ją.',
      unknown_parameter: PAGE_IS_WRONG,
      invalid_header: 'Serwer nie przyjmuje tej wartości. Sprawdź ją.',
      invalid_cursor: 'To nie jest id zdarzenia.',
      tls_required: 'Ten serwer przyjmuje tylko połączenia szyfrowane. Otwórz go przez https://.',
      missing_token: 'Najpierw się zaloguj.',
      invalid_token: 'Serwer nie zna już twojej sesji. Zaloguj się ponownie.',
      expired_token: 'Twoja sesja wygasła. Zaloguj się ponownie.',
      revoked_token: 'Twoja sesja została zakończona. Zaloguj się ponownie.',
      wrong_credentials: 'Nazwa użytkownika lub hasło się nie zgadza.',
      not_board_owner: 'Ta plansza należy do kogoś innego.',
      registration_closed:
        'Ten serwer nie przyjmuje nowych kont. Poproś o konto osobę, która go prowadzi.',
      not_administrator: 'Może to zrobić tylko administrator.',
      user_disabled: 'To konto jest zablokowane. Zapytaj osobę, która prowadzi ten serwer.',
      origin_mismatch: 'Serwer uznał tę stronę za obcą. Otwórz ją pod adresem serwera.',
      not_found: 'To już nie istnieje.',
      board_not_found: 'Ta plansza już nie istnieje.',
      path_not_found: 'Ta ścieżka już nie istnieje.',
      session_not_found: 'Ta sesja już nie istnieje.',
      consumer_not_found: 'Ten odbiorca zdarzeń nie istnieje.',
      user_not_found: 'Ten użytkownik już nie istnieje.',
      method_not_allowed: PAGE_IS_WRONG,
      request_timeout: 'To trwało zbyt długo. Spróbuj ponownie.',
      username_taken: 'Ta nazwa użytkownika jest zajęta. Wybierz inną.',
      has_boards: 'Ta osoba ma plansze, które też trzeba by usunąć.',
      last_administrator: 'Nikt inny nie administruje tym serwerem.',
      too_many_boards: 'Więcej plansz nie możesz tu mieć. Najpierw usuń jedną z nich.',
      too_many_paths: 'Więcej ścieżek na tej planszy nie możesz mieć. Najpierw usuń jedną z nich.',
      too_many_consumers: 'Więcej odbiorców zdarzeń nie możesz mieć. Najpierw usuń jednego z nich.',
      leased: 'Te zdarzenia ma teraz inny program.',
      lease_lost: 'Te zdarzenia dostał tymczasem inny program.',
      stale_version: 'Ktoś w międzyczasie zmienił tę planszę.',
      body_too_large: 'To za dużo dla serwera.',
      unsupported_media_type: PAGE_IS_WRONG,
      validation_failed: 'Część tego, co wpisujesz, jest nieprawidłowa.',
      idempotency_mismatch: PAGE_IS_WRONG,
      rate_limited: 'Za dużo naraz. Spróbuj ponownie {when}.',
      internal: 'Coś poszło nie tak na serwerze. Spróbuj ponownie.',
      too_many_streams: 'Serwer ma teraz zbyt wielu słuchaczy. Spróbuj ponownie {when}.',
      unavailable: 'Serwer jest teraz zajęty. Spróbuj ponownie {when}.',
      too_many_connections: 'Serwer jest teraz zajęty. Spróbuj ponownie {when}.',
    },
    rules: {
      nameLength: ({ min, max }) =>
        `musi mieć od ${min} do ${max} znaków, nie licząc spacji na początku i na końcu`,
      controlCharacters: () => 'nie może zawierać znaków sterujących',
      side: ({ min, max }) => `musi wynosić od ${min} do ${max}`,
      outside: ({ last }) => `musi leżeć wewnątrz siatki, od 0 do ${last}`,
      sameCell: ({ other }) => `leży w tym samym polu co dots[${other}]`,
      color: () => 'musi mieć kolor w postaci #1e90ff',
      pair: ({ color, dots }) =>
        `musi mieć dokładnie jedną kropkę do pary; kolor ${color} ma kropek: ${dots}`,
      tooShort: () => 'musi mieć co najmniej dwa pola',
      visitedTwice: ({ other }) => `to to samo pole co cells[${other}]`,
      notNext: () =>
        'musi leżeć bezpośrednio nad poprzednim polem, pod nim albo po jego lewej lub prawej stronie',
    },
  },
};
