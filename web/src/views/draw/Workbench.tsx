import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Board, Cell } from '../../api/client';
import { t } from '../../language/texts';
import { arrow, clamp, type Pointed } from '../../ui/grid/geometry';
import { InteractiveGrid } from '../../ui/grid/InteractiveGrid';
import { letters } from '../../ui/grid/letters';
import { DrawBar, HINT } from './DrawBar';
import { DrawnBoard } from './DrawnBoard';
import { Legend } from './Legend';
import { PathList } from './PathList';
import { namesOf } from './pairs';
import { SolvedPanel } from './SolvedPanel';
import { Unsaved } from './Unsaved';
import { useDrawing } from './useDrawing';
import { useHistoryKeys } from './useHistoryKeys';
import { useLines } from './useLines';
import { useSolved } from './useSolved';

interface Props {
  board: Board;
  isOwn: boolean;
}

/** The grid to draw on, with what is drawn. */
export function Workbench({ board, isOwn }: Props) {
  const texts = t();
  const lines = useLines(board);
  const all = lines.all.value;
  const names = useMemo(
    () => namesOf(board, all, letters.value),
    [board, all, letters.value, texts],
  );
  const draw = useDrawing(board, names, lines);
  const solved = useSolved(board, all);
  useHistoryKeys(draw);
  const line = draw.drawing.value;
  const focus = useSignal<Cell>(line?.cells.at(-1) ?? board.dots[0] ?? { row: 0, col: 0 });
  const picked = useSignal<number | null>(null);
  const pointed = useSignal<Pointed | null>(null);

  // Parts that are long on large boards, and stay as they are while one draws.
  const paths = useMemo(() => all.flatMap(({ path }) => path ?? []), [all]);
  const legend = useMemo(
    () => <Legend board={board} names={names} lines={all} />,
    [board, names, all],
  );
  const list = useMemo(
    () => (
      <PathList
        board={board}
        lines={all}
        names={names}
        onPick={(id) => {
          picked.value = id;
        }}
        onDelete={(it) => draw.remove([it])}
      />
    ),
    [board, all, names, picked],
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
    <div class={solved.celebrates ? 'workbench celebrates' : 'workbench'}>
      <div>
        <InteractiveGrid
          rows={board.rows}
          cols={board.cols}
          label={texts.grid.label(board.name)}
          describedBy={HINT}
          use="draws"
          // The board may have become smaller.
          focus={clamp(focus.value, board.rows, board.cols)}
          onFocus={(cell) => {
            focus.value = cell;
          }}
          names={names.ofRows(line)}
          pointer={pointer}
          onKey={onKey}
        >
          <DrawnBoard
            board={board}
            paths={paths}
            draw={draw}
            names={names}
            picked={picked.value}
            pointed={pointed}
            focus={focus.value}
          />
        </InteractiveGrid>
        <DrawBar draw={draw} names={names} board={board} isOwn={isOwn} />
      </div>
      <div class="side">
        <SolvedPanel board={board} solved={solved} />
        <Unsaved boardId={board.id} count={lines.waiting.value.length} />
        {legend}
        {list}
      </div>
    </div>
  );
}
