import { type ReadonlySignal, useComputed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Board, Cell, Path } from '../../api/client';
import { type Drawing, isDone } from '../../rules/drawing';
import { cellOf, numberOf } from '../../rules/places';
import { Crossings } from '../../ui/grid/Crossings';
import { Dots } from '../../ui/grid/Dots';
import { clamp, type Pointed } from '../../ui/grid/geometry';
import { Line, Tint } from '../../ui/grid/Line';
import { LiveLine, LiveTint } from '../../ui/grid/LiveLine';
import { letters as withLetters } from '../../ui/grid/letters';
import { Partner } from './Partner';
import { PressPreview } from './PressPreview';
import { colorOf, type Names } from './pairs';
import type { UseDrawing } from './useDrawing';
import { useHead } from './useHead';

interface Props {
  board: Board;
  paths: readonly Path[];
  draw: UseDrawing;
  /** With the lines that wait for their owner to sign in. */
  names: Names;
  /** The path that is pointed at in the list, by its id. */
  picked: number | null;
  pointed: ReadonlySignal<Pointed | null>;
  focus: Cell;
}

/** What is painted in the grid: saved paths, lines on their way, the line being drawn, and the dots. */
export function DrawnBoard({ board, paths, draw, names, picked, pointed, focus }: Props) {
  const line = draw.drawing.value;
  const waiting = draw.waiting.value;
  const saving = draw.saving.value;
  const head = useHead(board, draw.drawing, pointed);
  const letters = withLetters.value ? names.letters : undefined;

  const saved = useMemo(
    () => paths.map((path) => ({ ...path, color: path.connects ?? colorOf(board, path.cells) })),
    [board, paths],
  );
  const tints = useMemo(
    () => saved.map(({ id, cells, color }) => <Tint key={id} cells={cells} color={color} />),
    [saved],
  );
  const lines = useMemo(
    () =>
      saved.map(({ id, cells, color, connects }) => (
        <Line
          key={id}
          cells={cells}
          color={color}
          kind={connects ? 'joined' : 'loose'}
          picked={picked === id}
        />
      )),
    [saved, picked],
  );
  const finished = [...waiting, ...saving];
  const isTaken = (color: string) =>
    names.joined.has(color) || finished.some((it) => it.color === color && isDone(board, it));
  const preview = { board, line, isTaken };

  return (
    <>
      {tints}
      {finished.map((it, index) => (
        <Tint key={index} cells={it.cells} color={it.color} />
      ))}
      {line && <LiveTint cells={line.cells} color={line.color} />}
      {lines}
      {finished.map((it, index) => (
        <Line key={index} cells={it.cells} color={it.color} kind={kindOf(board, it)} />
      ))}
      {line && draw.joins && <Line cells={line.cells} color={line.color} kind="joined" />}
      {line && !draw.joins && <LiveLine cells={line.cells} color={line.color} element={head} />}
      <HoverPreview pointed={pointed} {...preview} />
      <PressPreview by="keyboard" cell={focus} {...preview} />
      {line && <Crossings cells={names.crossings(line)} />}
      <Dots dots={board.dots} letters={letters} />
      <Partner board={board} line={line} finished={finished} letters={letters} />
    </>
  );
}

const kindOf = (board: Board, line: Drawing) => (isDone(board, line) ? 'joined' : 'drawing');

interface HoverProps {
  board: Board;
  line: Drawing | null;
  isTaken(color: string): boolean;
  pointed: ReadonlySignal<Pointed | null>;
}

/** Made anew only when the pointer comes to another cell. */
function HoverPreview({ pointed, ...preview }: HoverProps) {
  const { rows, cols } = preview.board;
  const over = useComputed(() => {
    const at = pointed.value;
    if (!at) return null;
    if (at.draws) return 'draws';
    return numberOf(clamp({ row: Math.floor(at.y), col: Math.floor(at.x) }, rows, cols));
  });
  if (over.value === null) return null;
  // For the cursor.
  if (over.value === 'draws') return <g class="preview" data-by="drag" />;
  return <PressPreview by="hover" cell={cellOf(over.value)} {...preview} />;
}
