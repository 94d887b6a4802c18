/** The names of a thing by the plural categories of a language (Unicode CLDR): English has two, Polish four. */
type Forms = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** How a language writes numbers, lists and times, and counts things. */
export function numbersIn(language: string) {
  const format = new Intl.NumberFormat(language);
  const rules = new Intl.PluralRules(language);
  const lists = new Intl.ListFormat(language);
  const moments = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const fill = (forms: Forms) => (number: number) =>
    (forms[rules.select(number)] ?? forms.other).replace('#', format.format(number));
  return {
    number: (number: number) => format.format(number),
    /** `1 cell`, `2 cells`. */
    count: (forms: Forms) => (number: number) => `${format.format(number)} ${fill(forms)(number)}`,
    /** `a path`, `2 paths`: each form says by `#` where the number goes, if anywhere. */
    named: fill,
    /** `red, blue, and green`. */
    list: (items: readonly string[]) => lists.format(items),
    /** A date with its time of day, of the visitor's place; `at` in milliseconds. */
    moment: (at: number) => moments.format(at),
    /** `5 minutes ago`; null for less than one. `then` and `now` in milliseconds. */
    ago: (then: number, now: number): string | null => {
      const seconds = (now - then) / 1000;
      for (const [unit, length] of UNITS) {
        if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit);
      }
      return null;
    },
    /** `in 30 seconds`. */
    soon: (seconds: number) =>
      seconds < 120
        ? relative.format(Math.ceil(seconds), 'second')
        : relative.format(Math.ceil(seconds / 60), 'minute'),
  };
}
