import { useMemo } from 'preact/hooks';
import type { Board, Path } from '../../api/client';
import { isDone } from '../../rules/drawing';
import { Dots } from '../../ui/grid/Dots';
import { Line } from '../../ui/grid/Line';
import { colorOf, type Names } from './pairs';
import type { UseDrawing } from './useDrawing';

interface Props {
  board: Board;
  paths: readonly Path[];
  draw: UseDrawing;
  names: Names;
  /** The path that is pointed at in the list, by its id. */
  picked: number | null;
}

/** What is painted in the grid: saved paths, lines on their way, the line being drawn, and the dots. */
export function DrawnBoard({ board, paths, draw, names, picked }: Props) {
  const line = draw.drawing.value;
  const lines = useMemo(
    () =>
      paths.map((path) => (
        <Line
          key={path.id}
          cells={path.cells}
          color={path.connects ?? colorOf(board, path.cells)}
          kind={path.connects ? 'joined' : 'loose'}
          picked={picked === path.id}
        />
      )),
    [board, paths, picked],
  );
  return (
    <>
      {lines}
      {draw.waiting.value.map((it, index) => (
        <Line
          key={index}
          cells={it.cells}
          color={it.color}
          kind={isDone(board, it) ? 'joined' : 'drawing'}
        />
      ))}
      {draw.saving.value.map((it, index) => (
        <Line key={index} cells={it.cells} color={it.color} kind="drawing" />
      ))}
      {line && (
        <Line cells={line.cells} color={line.color} kind={draw.joins ? 'joined' : 'drawing'} />
      )}
      <Dots dots={board.dots} letters={names.letters} />
    </>
  );
}
