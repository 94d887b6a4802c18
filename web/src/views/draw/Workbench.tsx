import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Board, Cell, Path } from '../../api/client';
import { t } from '../../language/texts';
import { connects, progress } from '../../rules/path';
import { arrow, clamp, type Pointed, sizeStyle } from '../../ui/grid/geometry';
import { InteractiveGrid } from '../../ui/grid/InteractiveGrid';
import { letters } from '../../ui/grid/letters';
import { DrawBar, HINT } from './DrawBar';
import { DrawnBoard } from './DrawnBoard';
import { Legend } from './Legend';
import { PathList } from './PathList';
import { namesOf } from './pairs';
import { SignInToDraw } from './SignInToDraw';
import { useDrawing } from './useDrawing';

interface Props {
  board: Board;
  paths: readonly Path[];
}

/** The grid to draw on, with what is drawn. */
export function Workbench({ board, paths }: Props) {
  const names = useMemo(
    () => namesOf(board, paths, letters.value),
    [board, paths, letters.value, t()],
  );
  const draw = useDrawing(board, names);
  const waiting = draw.waiting.value;
  // Lines that wait for their owner to sign in count as what they will be.
  const all = useMemo(
    () => [...paths, ...waiting.map((it) => ({ ...it, connects: connects(board.dots, it.cells) }))],
    [board, paths, waiting],
  );
  const shown = useMemo(() => namesOf(board, all, letters.value), [board, all, letters.value, t()]);
  const line = draw.drawing.value;
  const focus = useSignal<Cell>(line?.cells.at(-1) ?? board.dots[0] ?? { row: 0, col: 0 });
  const picked = useSignal<number | null>(null);
  const pointed = useSignal<Pointed | null>(null);

  // Parts that are long on large boards, and stay as they are while one draws.
  const legend = useMemo(
    () => <Legend names={shown} progress={progress(board.dots, all)} />,
    [board, shown, all],
  );
  const list = useMemo(
    () => (
      <PathList
        board={board}
        paths={paths}
        names={names}
        onPick={(id) => {
          picked.value = id;
        }}
      />
    ),
    [board, paths, names, picked],
  );
  const onKey = (event: KeyboardEvent, cell: Cell) => {
    const means = draw.key(event, cell, event.ctrlKey ? null : arrow(event.key));
    if (means) follow();
    return means;
  };

  // The focus goes with the end of the line, so that the keys go on from there and it stays in sight.
  const follow = () => {
    const end = draw.drawing.value?.cells.at(-1);
    if (end) focus.value = end;
  };

  const followed =
    <T,>(act: (cell: Cell) => T) =>
    (cell: Cell): T => {
      const result = act(cell);
      follow();
      return result;
    };

  const pointer = {
    ...draw.pointer,
    start: followed(draw.pointer.start),
    move: followed(draw.pointer.move),
    tap: followed(draw.pointer.tap),
    point: (at: Pointed | null) => {
      pointed.value = at;
    },
  };

  return (
    <div
      class={draw.celebrates.value ? 'workbench celebrates' : 'workbench'}
      style={sizeStyle(board.rows, board.cols)}
    >
      <div>
        <InteractiveGrid
          rows={board.rows}
          cols={board.cols}
          label={t().grid.label(board.name)}
          describedBy={HINT}
          use="draws"
          // The board may have become smaller.
          focus={clamp(focus.value, board.rows, board.cols)}
          onFocus={(cell) => {
            focus.value = cell;
          }}
          names={shown.ofRows(line)}
          pointer={pointer}
          onKey={onKey}
        >
          <DrawnBoard
            board={board}
            paths={paths}
            draw={draw}
            names={shown}
            picked={picked.value}
            pointed={pointed}
            focus={focus.value}
          />
        </InteractiveGrid>
        <DrawBar draw={draw} names={names} />
      </div>
      <div class="side">
        {legend}
        {list}
      </div>
      {draw.asksToSignIn.value && <SignInToDraw onClose={draw.justLook} />}
    </div>
  );
}
