import { numbersIn } from '../numbers';
import type { AdminCatalogue } from './en';

const { count, list, named, number } = numbersIn('pl');

const countBoards = count({ one: 'plansza', few: 'plansze', many: 'plansz', other: 'planszy' });
const countEvents = count({
  one: 'zdarzenie',
  few: 'zdarzenia',
  many: 'zdarzeń',
  other: 'zdarzenia',
});
const olderThan = named({ one: '1 dnia', other: '# dni' });

/** What the page says to administrators alone, in Polish. */
export const pl: AdminCatalogue = {
  lead: 'Użytkownicy, dziennik zdarzeń i ci, którzy go śledzą.',
  notYours: 'Tę stronę widzą tylko administratorzy.',
  signIn: 'Zaloguj się jako administrator, aby zobaczyć tę stronę.',
  cancel: 'Anuluj',
  more: 'Pokaż więcej',

  users: {
    title: 'Użytkownicy',
    lead: 'Użytkowników usuwa się, a ich nazwy wymazuje, na serwerze: {delete}, {erase}.',
    search: 'Szukaj po nazwie',
    none: 'Żadna nazwa tego nie zawiera.',
    administrator: 'administrator',
    disabled: 'zablokowane konto',
    facts: (boards, since) => `${countBoards(boards)}, rejestracja: ${since}`,

    promote: 'Mianuj administratorem',
    demote: 'Odbierz uprawnienia',
    disable: 'Zablokuj',
    enable: 'Odblokuj',
    endSessions: 'Zakończ sesje',
    of: (action, name) => `${action}: ${name}`,

    ask: {
      demote: (name) => `Odebrać uprawnienia administratora: ${name}?`,
      demoteLead: 'Stracisz dostęp do tej strony. Przywrócić go może tylko inny administrator.',
      promote: (name) => `Mianować administratorem: ${name}?`,
      promoteLead:
        'Administratorzy zmieniają i usuwają plansze wszystkich oraz zarządzają użytkownikami, także tobą, i dziennikiem.',
      disable: (name) => `Zablokować konto: ${name}?`,
      disableLead:
        'Wszystkie sesje tego użytkownika zakończą się od razu i nie będzie można się zalogować, dopóki konto nie zostanie odblokowane. Plansze i ścieżki zostaną.',
      endSessions: (name) => `Zakończyć wszystkie sesje: ${name}?`,
      endSessionsLead:
        'Użytkownik zostanie od razu wylogowany wszędzie i może zalogować się znowu.',
    },
    done: {
      promote: (name) => `${name} ma teraz uprawnienia administratora.`,
      demote: (name) => `${name} nie ma już uprawnień administratora.`,
      disable: (name) => `Konto ${name} jest zablokowane.`,
      enable: (name) => `Konto ${name} jest odblokowane.`,
      endSessions: (name) => `Wszystkie sesje użytkownika ${name} są zakończone.`,
    },
  },

  log: {
    title: 'Dziennik zdarzeń',
    oldest: 'Najstarsze zdarzenie',
    newest: 'Najnowsze zdarzenie',
    settled: 'Ustalone do',
    trimmed: 'Usunięte do',
    nothing: 'nic',
    lost: 'Utracone przez przywrócenie kopii lub awarię',
    span: (first, last) =>
      first === last ? number(first) : `od ${number(first)} do ${number(last)}`,
    id: number,

    days: 'Usuń zdarzenia starsze niż (dni)',
    daysHint: '0 usuwa wszystkie.',
    daysWrong: 'Podaj całkowitą liczbę dni, najwyżej 36 500.',
    trim: 'Usuń stare zdarzenia',
    ask: (days) =>
      days === 0
        ? 'Usunąć wszystkie zdarzenia?'
        : `Usunąć zdarzenia sprzed ponad ${olderThan(days)}?`,
    askLead:
      'Nie da się ich przywrócić. Programy, których nie było dłużej, dowiedzą się, że mają wczytać wszystko od nowa. Plansze i ścieżki zostaną.',
    done: named({
      one: 'Usunięto # zdarzenie.',
      few: 'Usunięto # zdarzenia.',
      other: 'Usunięto # zdarzeń.',
    }),
  },

  streams: {
    title: 'Otwarte strumienie',
    lead: 'Strumienie serwera, z którego pochodzi ta strona, od najnowszych.',
    unknown: 'nieznany adres',
    since: (when) => `otwarty od: ${when}`,
    transports: {
      http1: 'HTTP/1',
      'http1+tls': 'HTTP/1, szyfrowane',
      http2: 'HTTP/2',
      'http2+tls': 'HTTP/2, szyfrowane',
    },
    all: 'wszystkie zdarzenia',
    types: list,
    boards: (ids) => `tylko plansze: ${ids}`,
    sent: (events) => `wysłano ${countEvents(events)}`,
    upToDate: 'na bieżąco',
    behind: (events) => `zaległości: ${countEvents(events)}`,
  },
};
