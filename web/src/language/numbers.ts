/** The names of a thing by the plural categories of a language (Unicode CLDR): English has two, Polish four. */
type Forms = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;

/** How a language writes numbers and counts things. */
export function numbersIn(language: string) {
  const format = new Intl.NumberFormat(language);
  const rules = new Intl.PluralRules(language);
  return {
    number: (number: number) => format.format(number),
    /** `1 cell`, `2 cells`. */
    count: (forms: Forms) => (number: number) =>
      `${format.format(number)} ${forms[rules.select(number)] ?? forms.other}`,
    /** `cell`, `cells`: the name alone. */
    named: (forms: Forms) => (number: number) => forms[rules.select(number)] ?? forms.other,
  };
}
