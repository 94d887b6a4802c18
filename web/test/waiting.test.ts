import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { User } from '../src/api/client';
import { memoryStorage } from './memory';

const storage = memoryStorage();
vi.stubGlobal('localStorage', storage);
vi.stubGlobal('addEventListener', () => {});

/** The modules as a tab has them that is opened now, by the user with this id. */
async function tab(id: number | null = null) {
  vi.resetModules();
  const { user } = await import('../src/state/session');
  user.value = id === null ? null : ({ id, username: NAME } as User);
  return import('../src/state/lines');
}

const NAME = 'ada';
const line = (length = 2, row = 0) => ({
  color: '#e5343d',
  cells: Array.from({ length }, (_, col) => ({ row, col })),
});

beforeEach(() => storage.clear());

describe('lines that wait', () => {
  test('are there in the next tab, under the same keys and in the same order', async () => {
    const one = await tab();
    one.putLines(7, [line(2), line(3)]);
    one.putLines(7, [line(4)]);
    const other = await tab();
    expect(other.linesOn(7)).toEqual(one.linesOn(7));
    expect(other.linesOn(7).map((it) => it.cells.length)).toEqual([2, 3, 4]);
    expect(new Set(other.linesOn(7).map((it) => it.key)).size).toBe(3);
  });

  test('are forgotten one by one', async () => {
    const { boardsWithLines, dropLines, linesOn, putLines } = await tab();
    putLines(7, [line(2), line(3)]);
    dropLines(7, [linesOn(7)[0]?.key as string]);
    expect(linesOn(7).map((it) => it.cells.length)).toEqual([3]);
    dropLines(7, [linesOn(7)[0]?.key as string]);
    expect(boardsWithLines()).toEqual([]);
  });

  test('belong to whoever has drawn them, or to whoever signs in next', async () => {
    (await tab(1)).putLines(7, [line(2)]);
    (await tab()).putLines(7, [line(3)]);
    const lengths = async (user: number | null) =>
      (await tab(user)).linesOn(7).map((it) => it.cells.length);
    expect(await lengths(1)).toEqual([2, 3]);
    expect(await lengths(2)).toEqual([3]);
    expect(await lengths(null)).toEqual([3]);
  });

  test('are kept without names, which may be erased, and those that were kept once go', async () => {
    (await tab(1)).putLines(7, [line(2)]);
    const text = storage.getItem('dotcast.lines') as string;
    expect(text).not.toContain(NAME);
    storage.setItem('dotcast.lines', text.replace('"by":1', `"by":"${NAME}"`));
    await tab();
    expect(storage.getItem('dotcast.lines')).toBe('[]');
  });

  test('on more boards than there is room for make room for newer ones', async () => {
    const { boardsWithLines, putLines } = await tab();
    for (let board = 1; board <= 20; board += 1) putLines(board, [line()]);
    // It counts when one drew there last.
    expect(putLines(1, [line(3)])).toEqual({ madeRoom: false });
    expect(putLines(21, [line()])).toEqual({ madeRoom: true });
    expect(boardsWithLines()).toHaveLength(20);
    expect(boardsWithLines().slice(0, 2)).toEqual([21, 1]);
    expect(boardsWithLines()).not.toContain(2);
  });

  test('of too many cells make room, and one too long for that is refused', async () => {
    const { boardsWithLines, linesOn, putLines } = await tab();
    const long = line(9000);
    putLines(1, [long]);
    putLines(2, [long]);
    expect(putLines(3, [long])).toEqual({ madeRoom: true });
    expect(boardsWithLines()).toEqual([3, 2]);
    expect(putLines(3, [long, long])).toBeNull();
    expect(linesOn(3)).toHaveLength(1);
    expect(linesOn(2)).toHaveLength(1);
  });

  test('last as long as the page where nothing is kept', async () => {
    const write = vi.spyOn(storage, 'setItem').mockImplementation(() => {
      throw new Error('full');
    });
    const { linesOn, putLines } = await tab();
    putLines(7, [line(2)]);
    putLines(7, [line(3)]);
    expect(linesOn(7)).toHaveLength(2);
    write.mockRestore();
  });

  test.each([
    'null',
    '{}',
    '[null, 1, {}]',
    '[{"board":7,"lines":[null]}]',
    '[{"board":"7","lines":[]}]',
    '[{"board":7,"lines":[{"key":"k","color":"#e5343d","by":null,"cells":[0,0,0]}]}]',
    '[{"board":7,"lines":[{"key":"k","color":"#e5343d","by":null,"cells":[0,0,0,"1"]}]}]',
    '[{"board":7,"lines":[{"key":"ä","color":"#e5343d","by":null,"cells":[0,0,0,1]}]}]',
    '[{"board":7,"lines":[{"key":"k","color":1,"by":null,"cells":[0,0,0,1]}]}]',
    '[{"board":7,"lines":[{"key":"k","color":"#e5343d","by":"ada","cells":[0,0,0,1]}]}]',
  ])('are none where somebody has changed what is kept to %s', async (text) => {
    storage.setItem('dotcast.lines', text);
    expect((await tab()).boardsWithLines()).toEqual([]);
  });
});
