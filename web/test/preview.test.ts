import { describe, expect, it } from 'vitest';
import { crossedAt, occupiedBy } from '../src/rules/crossing';
import { previewOf } from '../src/rules/preview';
import { boardOf, draw } from './drawn';

const at = (row: number, col: number) => ({ row, col });
const board = boardOf('a..b', '....', 'b..a');
const free = () => false;

describe('what a press would do', () => {
  const line = draw(board, [0, 0], [1, 0], [1, 2]);

  it('begins at a dot whose pair is not joined', () => {
    expect(previewOf(board, null, at(0, 3), free)?.dot).toMatchObject(at(0, 3));
    expect(previewOf(board, null, at(0, 3), (color) => color === 'b')).toBeNull();
    expect(previewOf(board, null, at(1, 1), free)).toBeNull();
  });

  it('goes on to a cell, from the end of the line', () => {
    expect(previewOf(board, line, at(0, 2), free)).toEqual({
      dot: null,
      way: [at(1, 2), at(0, 2)],
      cut: [],
    });
  });

  it('goes on to the partner, also when the cell is beyond it', () => {
    const way = [at(1, 2), at(1, 3), at(2, 3)];
    expect(previewOf(board, line, at(2, 3), free)).toMatchObject({ dot: at(2, 3), cut: [] });
    const ended = previewOf(board, line, at(2, 3), free)?.way;
    expect(ended?.at(-1)).toMatchObject(at(2, 3));
    expect(ended).toHaveLength(way.length);
  });

  it('cuts off what comes after a cell of the line', () => {
    expect(previewOf(board, line, at(1, 1), free)?.cut).toEqual([at(1, 1), at(1, 2)]);
    expect(previewOf(board, line, at(1, 2), free)).toBeNull();
  });

  it('begins anew at another dot, which discards the line', () => {
    expect(previewOf(board, line, at(0, 3), free)).toMatchObject({
      dot: at(0, 3),
      cut: line.cells,
    });
    expect(previewOf(board, line, at(0, 3), (color) => color === 'b')).toBeNull();
  });

  it('is nothing where there is no way', () => {
    const walled = boardOf('ab.', 'b..', '..a');
    expect(previewOf(walled, draw(walled, [0, 0]), at(1, 1), free)).toBeNull();
  });
});

describe('crossings', () => {
  const lines = [
    { cells: [at(1, 0), at(1, 1)], color: 'b' },
    { cells: [at(1, 1), at(2, 1)], color: 'c' },
    { cells: [at(1, 1)], color: null },
    { cells: [at(1, 1)], color: 'a' },
  ];

  it('are with lines of other colours, whatever their number', () => {
    const occupied = occupiedBy(lines);
    expect(crossedAt(occupied, at(1, 1), 'a')).toEqual(['b', 'c']);
    expect(crossedAt(occupied, at(1, 0), 'b')).toEqual([]);
    expect(crossedAt(occupied, at(2, 2), 'a')).toEqual([]);
  });
});
