import { describe, expect, test } from 'vitest';
import { en as adminEn } from '../src/language/admin/en';
import { pl as adminPl } from '../src/language/admin/pl';
import { en } from '../src/language/en';
import { pl } from '../src/language/pl';
import { flat, sample } from './catalogue';

const holes = (text: string) => [...text.matchAll(/\{\w+\|?/g)].map((it) => it[0]).sort();

describe('the catalogues', () => {
  const english = flat({ ...en, admin: adminEn });
  const polish = flat({ ...pl, admin: adminPl });

  test('say the same things', () => {
    expect([...polish.keys()].sort()).toEqual([...english.keys()].sort());
  });

  test.each([...english])('have the same holes in %s', (way, text) => {
    for (const value of ['1', '2', '5']) {
      expect(holes(sample(polish.get(way) as typeof text, value))).toEqual(
        holes(sample(text, value)),
      );
    }
  });
});

describe('Polish counts', () => {
  test.each([
    [1, '1 nowa plansza', 'ada: nowa ścieżka na planszy {board}'],
    [2, '2 nowe plansze', 'ada: 2 nowe ścieżki na planszy {board}'],
    [5, '5 nowych plansz', 'ada: 5 nowych ścieżek na planszy {board}'],
    [12, '12 nowych plansz', 'ada: 12 nowych ścieżek na planszy {board}'],
    [22, '22 nowe plansze', 'ada: 22 nowe ścieżki na planszy {board}'],
  ])('%d', (number, boards, paths) => {
    expect(pl.boards.waiting(number)).toBe(boards);
    expect(pl.activity.deeds.newPath('ada', number)).toBe(paths);
  });
});

describe('times', () => {
  const MINUTE = 60_000;

  test('are relative, in the words of the language', () => {
    expect(en.common.ago(0, 59_000)).toBe('just now');
    expect(pl.common.ago(0, 59_000)).toBe('przed chwilą');
    expect(en.common.ago(0, 5 * MINUTE)).toBe('5 minutes ago');
    expect(pl.common.ago(0, 5 * MINUTE)).toBe('5 minut temu');
    expect(pl.common.ago(0, 24 * 60 * MINUTE)).toBe('wczoraj');
    expect(en.common.soon(30)).toBe('in 30 seconds');
    expect(pl.common.soon(90 * 60)).toBe('za 90 minut');
    expect(pl.common.soon(null)).toBe('za chwilę');
  });
});
