/** A rule that a board or a path breaks, with what is to be said about it. */
export type Rule =
  /** A name's length in characters, without the spaces around it. */
  | { kind: 'nameLength'; min: number; max: number }
  | { kind: 'controlCharacters' }
  /** A height or width. */
  | { kind: 'side'; min: number; max: number }
  /** A row or column beyond the last one of the grid. */
  | { kind: 'outside'; last: number }
  /** A dot in the cell of the one with this index. */
  | { kind: 'sameCell'; other: number }
  | { kind: 'color' }
  /** A colour that is not on exactly two dots. */
  | { kind: 'pair'; color: string; dots: number }
  | { kind: 'tooShort' }
  /** A cell of a path that is the same as the one with this index. */
  | { kind: 'visitedTwice'; other: number }
  | { kind: 'notNext' };

export type RuleKind = Rule['kind'];

/** A text for each kind of rule. */
export type RuleTexts = {
  [K in RuleKind]: (rule: Extract<Rule, { kind: K }>) => string;
};

/** A rule that is broken, and where. */
export interface Violation {
  /** As the server names it: `dots[2].color`. */
  field: string;
  rule: Rule;
}

const SAID: readonly [RegExp, (...values: string[]) => Rule][] = [
  [
    /^must be (\d+) to (\d+) characters long, not counting spaces around it$/,
    (min, max) => ({ kind: 'nameLength', min: Number(min), max: Number(max) }),
  ],
  [/^must not hold control characters$/, () => ({ kind: 'controlCharacters' })],
  [
    /^must be from (\d+) to (\d+)$/,
    (min, max) => ({ kind: 'side', min: Number(min), max: Number(max) }),
  ],
  [
    /^must be from 0 to (\d+), inside the grid$/,
    (last) => ({ kind: 'outside', last: Number(last) }),
  ],
  [
    /^is in the same cell as dots\[(\d+)\]$/,
    (other) => ({ kind: 'sameCell', other: Number(other) }),
  ],
  [/^must be a colour such as #1e90ff$/, () => ({ kind: 'color' })],
  [
    /^must be on exactly two dots; (#[0-9a-f]{6}) is on (\d+)$/,
    (color, dots) => ({ kind: 'pair', color: String(color), dots: Number(dots) }),
  ],
  [/^must be at least two cells$/, () => ({ kind: 'tooShort' })],
  [
    /^is the same cell as cells\[(\d+)\]$/,
    (other) => ({ kind: 'visitedTwice', other: Number(other) }),
  ],
  [
    /^must be right above, below, left or right of the cell before it$/,
    () => ({ kind: 'notNext' }),
  ],
];

/** The rule that the server speaks of, so that it can be told in another language; null for one unknown here. */
export function ruleIn(message: string): Rule | null {
  for (const [pattern, rule] of SAID) {
    const found = pattern.exec(message);
    if (found) return rule(...found.slice(1));
  }
  return null;
}
