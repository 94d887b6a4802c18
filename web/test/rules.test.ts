import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { BoardDraft, Cell, Dot } from '../src/api/client';
import type { Catalogue } from '../src/language/en';
import { en } from '../src/language/en';
import { pl } from '../src/language/pl';
import { checkBoard } from '../src/rules/board';
import { checkPath, connects, joinedColors, progress } from '../src/rules/path';
import { type Rule, ruleIn, type Violation } from '../src/rules/rule';

type Broken = [field: string, message: string][];

/** The server's rules are held against the same table. */
const table: {
  boards: { title: string; draft: BoardDraft; broken: Broken }[];
  paths: { title: string; rows: number; cols: number; cells: Cell[]; broken: Broken }[];
  connects: { title: string; dots: Dot[]; cells: Cell[]; color: string | null }[];
} = JSON.parse(readFileSync(new URL('../../tests/rules/cases.json', import.meta.url), 'utf8'));

/** In English a rule is told as the server tells it. */
function asTable(violations: Violation[]): Broken {
  return violations.map(({ field, rule }) => [field, inWords(rule, en)]);
}

function inWords(rule: Rule, { problems }: Catalogue): string {
  return (problems.rules[rule.kind] as (rule: Rule) => string)(rule);
}

describe('boards', () => {
  test.each(table.boards)('$title', ({ draft, broken }) => {
    expect(asTable(checkBoard(draft))).toEqual(broken);
  });

  test.each([Number.NaN, 2.5, Number.POSITIVE_INFINITY])('%d is no side', (rows) => {
    const draft = { name: 'A board', rows, cols: 3, dots: [] };
    expect(asTable(checkBoard(draft))).toEqual([['rows', 'must be from 2 to 50']]);
  });
});

describe('paths', () => {
  test.each(table.paths)('$title', ({ rows, cols, cells, broken }) => {
    expect(asTable(checkPath(cells, rows, cols))).toEqual(broken);
  });
});

describe('what the server says', () => {
  const broken = [
    ...table.boards.flatMap(({ draft }) => checkBoard(draft)),
    ...table.paths.flatMap(({ cells, rows, cols }) => checkPath(cells, rows, cols)),
  ].map((it) => it.rule);

  test('is understood, so that it can be told in any language', () => {
    expect(new Set(broken.map((it) => it.kind))).toEqual(new Set(Object.keys(en.problems.rules)));
    for (const rule of broken) expect(ruleIn(inWords(rule, en))).toEqual(rule);
    for (const rule of broken) expect(ruleIn(inWords(rule, pl))).toBe(null);
  });

  test('of rules that are not known here is told as it is', () => {
    expect(ruleIn('must be a prime')).toBe(null);
  });
});

describe('what a path connects', () => {
  test.each(table.connects)('$title', ({ dots, cells, color }) => {
    expect(connects(dots, cells)).toBe(color);
  });
});

describe('what is joined', () => {
  const dots = ['#ff0000', '#ff0000', '#00ff00', '#00ff00'].map((color, col) => ({
    row: 0,
    col,
    color,
  }));

  const path = (connects: string | null, ...places: [row: number, col: number][]) => ({
    connects,
    cells: places.map(([row, col]) => ({ row, col })),
  });
  const red = path('#ff0000', [0, 0], [0, 1]);
  const green = path('#00ff00', [0, 2], [0, 3]);

  test('paths that join nothing, or colours the board no longer has, do not count', () => {
    const paths = [red, path(null), path('#0000ff')];
    expect([...joinedColors(dots, paths)]).toEqual(['#ff0000']);
    expect(progress(dots, paths)).toBe('unfinished');
  });

  test('a board is complete when all its colours are joined', () => {
    expect(progress(dots, [red, green])).toBe('complete');
  });

  test('lines that cross do not complete it, but one that joins nothing is in nobody’s way', () => {
    const over = path('#00ff00', [0, 2], [1, 2], [1, 1], [0, 1], [0, 3]);
    expect(progress(dots, [red, over])).toBe('crossing');
    expect(progress(dots, [red, green, path(null, [0, 1], [0, 2])])).toBe('complete');
  });

  test('a colour that is joined twice crosses only others', () => {
    expect(progress(dots, [red, red, green])).toBe('complete');
  });

  test('a board without dots is never complete', () => {
    expect(progress([], [])).toBe('unfinished');
  });
});
