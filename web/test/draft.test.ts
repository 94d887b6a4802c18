import { describe, expect, it } from 'vitest';
import { PALETTE } from '../src/ui/grid/colors';
import {
  EMPTY,
  nextColor,
  paletteOf,
  reasons,
  removeOutside,
  toggleDot,
} from '../src/views/editor/draft';

const [RED, BLUE, YELLOW] = PALETTE.map((it) => it.color) as [string, string, string];
const at = (row: number, col: number) => ({ row, col });
const pair = toggleDot(toggleDot(EMPTY, at(0, 0), RED), at(5, 5), RED);

describe('toggleDot', () => {
  it('places a dot and takes it away', () => {
    const one = toggleDot(EMPTY, at(1, 2), RED);
    expect(one.dots).toEqual([{ row: 1, col: 2, color: RED }]);
    expect(toggleDot(one, at(1, 2), BLUE).dots).toEqual([]);
  });

  it('places no third dot of a colour', () => {
    expect(toggleDot(pair, at(2, 2), RED)).toBe(pair);
  });
});

describe('nextColor', () => {
  const palette = paletteOf(EMPTY, []);

  it('stays until the colour is done', () => {
    expect(nextColor(toggleDot(EMPTY, at(0, 0), RED), palette, RED)).toBe(RED);
  });

  it('goes on to the next one, and round to the start', () => {
    expect(nextColor(pair, palette, RED)).toBe(BLUE);
    expect(nextColor(pair, [YELLOW, RED], RED)).toBe(YELLOW);
  });

  it('stays when all are done', () => {
    expect(nextColor(pair, [RED], RED)).toBe(RED);
  });
});

describe('paletteOf', () => {
  it('offers each colour once, those of the board included', () => {
    const draft = toggleDot(pair, at(3, 3), '#123456');
    const palette = paletteOf(draft, ['#abcdef', RED]);
    expect(palette.slice(PALETTE.length)).toEqual(['#abcdef', '#123456']);
  });
});

describe('reasons', () => {
  it('are none for a valid board', () => {
    expect(reasons({ ...pair, name: 'A board' })).toEqual([]);
  });

  it('say in words what is wrong, each thing once', () => {
    const draft = toggleDot(pair, at(3, 3), BLUE);
    expect(reasons({ ...draft, rows: 3, cols: 3 })).toEqual([
      { about: 'name', words: 'Give the board a name.' },
      { about: 'dots', words: '2 dots lie outside of the grid now.' },
      { about: 'dots', words: 'Blue needs two dots and has 1.' },
    ]);
    expect(reasons({ ...EMPTY, name: 'x', rows: Number.NaN })).toEqual([
      { about: 'rows', words: 'Rows must be from 2 to 50.' },
    ]);
  });
});

describe('removeOutside', () => {
  it('keeps what is inside', () => {
    expect(removeOutside({ ...pair, rows: 3 }).dots).toEqual([{ row: 0, col: 0, color: RED }]);
  });
});
