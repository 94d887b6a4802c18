import { describe, expect, it } from 'vitest';
import { en } from '../src/language/en';
import { pl } from '../src/language/pl';
import { spoken } from '../src/language/texts';
import { colorName, inkOn, letter, lettersOf, marksOf, PALETTE } from '../src/ui/grid/colors';
import { cellAt, gridLines, inWords, lineThrough, moved } from '../src/ui/grid/geometry';

const at = (row: number, col: number) => ({ row, col });

describe('cellAt', () => {
  const box = { left: 10, top: 20, width: 200, height: 100 };

  it('finds the cell under a point', () => {
    expect(cellAt(box, 5, 10, 10, 20)).toEqual({ row: 0, col: 0 });
    expect(cellAt(box, 5, 10, 209, 119)).toEqual({ row: 4, col: 9 });
    expect(cellAt(box, 5, 10, 71, 61)).toEqual({ row: 2, col: 3 });
  });

  it('takes the nearest one beside the grid', () => {
    expect(cellAt(box, 5, 10, -50, 500)).toEqual({ row: 4, col: 0 });
    expect(cellAt(box, 5, 10, 210, 120)).toEqual({ row: 4, col: 9 });
  });
});

describe('moved', () => {
  const from = { row: 1, col: 1 };

  it.each([
    ['ArrowUp', false, { row: 0, col: 1 }],
    ['ArrowRight', false, { row: 1, col: 2 }],
    ['Home', false, { row: 1, col: 0 }],
    ['End', false, { row: 1, col: 2 }],
    ['Home', true, { row: 0, col: 0 }],
    ['End', true, { row: 3, col: 2 }],
    ['PageDown', false, { row: 3, col: 1 }],
    ['x', false, null],
  ])('%s with control %s', (key, ctrl, to) => {
    expect(moved(key, ctrl, from, 4, 3)).toEqual(to);
  });

  it('stays inside', () => {
    expect(moved('ArrowLeft', false, { row: 0, col: 0 }, 4, 3)).toEqual({ row: 0, col: 0 });
  });
});

describe('what is painted', () => {
  it('has lines between cells only', () => {
    expect(gridLines(2, 3)).toBe('M0 1H3M1 0V2M2 0V2');
  });

  it('goes through the middles of cells', () => {
    const cells = [
      { row: 0, col: 0 },
      { row: 0, col: 1 },
    ];
    expect(lineThrough(cells)).toBe('M0.5 0.5H1.5');
    expect(lineThrough(cells.slice(0, 1))).toBe('M0.5 0.5h0');
    expect(lineThrough([])).toBe('');
  });

  it('has a command for each straight part, and ends in parts of a cell', () => {
    const cells = [at(0, 0), at(0, 1), at(0, 2), at(1, 2), at(2, 2), at(2, 1.75)];
    expect(lineThrough(cells)).toBe('M0.5 0.5H2.5V2.5H2.25');
    expect(lineThrough([at(0, 0), at(0, 1), at(0, 1.25)])).toBe('M0.5 0.5H1.75');
  });
});

describe('colours', () => {
  it('have names', () => {
    for (const { name, color } of PALETTE) expect(colorName(color)).toBe(en.grid.colors[name]);
    expect(colorName('#fe0102')).toBe('red');
    expect(colorName('#ffffff')).toBe('white');
  });

  it('have names in the language shown, also when they were asked for before', () => {
    spoken.value = { language: 'pl', texts: pl };
    expect(colorName('#fe0102')).toBe('czerwona');
    expect(inWords(at(0, 1))).toBe('Wiersz 1, kolumna 2');
    spoken.value = { language: 'en', texts: en };
    expect(colorName('#fe0102')).toBe('red');
  });

  it('have letters in the order in which they appear', () => {
    const dots = ['#00ff00', '#ff0000', '#00ff00'].map((color) => ({ row: 0, col: 0, color }));
    expect([...lettersOf(dots)]).toEqual([
      ['#00ff00', 'A'],
      ['#ff0000', 'B'],
    ]);
    expect([0, 25, 26, 51, 52, 701, 702].map(letter)).toEqual([
      'A',
      'Z',
      'AA',
      'AZ',
      'BA',
      'ZZ',
      'AAA',
    ]);
  });

  it('show their letters where dots carry them, or else where colours have one name', () => {
    const dots = ['#ff0000', '#0000ff', '#e5343d'].map((color) => ({ row: 0, col: 0, color }));
    expect([...marksOf(dots, true).values()]).toEqual(['A', 'B', 'C']);
    expect([...marksOf(dots, false)]).toEqual([
      ['#ff0000', 'A'],
      ['#e5343d', 'C'],
    ]);
  });

  it('have ink that is read on them', () => {
    expect(inkOn('#ffffff')).toBe('#000000');
    expect(inkOn('#ffc61a')).toBe('#000000');
    expect(inkOn('#2f6bff')).toBe('#ffffff');
    expect(inkOn('#000000')).toBe('#ffffff');
  });
});
