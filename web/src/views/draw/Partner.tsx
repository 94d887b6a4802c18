import { useEffect, useState } from 'preact/hooks';
import type { Board, Cell } from '../../api/client';
import { type Drawing, endOf, isDone, partnerOf } from '../../rules/drawing';
import { distance } from '../../rules/path';
import { DotMark } from '../../ui/grid/Dots';

interface Props {
  board: Board;
  line: Drawing | null;
  /** The lines that were finished last; the last of them may have joined its pair just now. */
  finished: readonly Drawing[];
  /** What to write into the dots of a colour. */
  letters: ReadonlyMap<string, string> | undefined;
}

/** How long dots answer when they are joined, in milliseconds. The style sheet has an animation as long as this. */
const ANSWER = 500;

/** The dots that answer the line: its partner while it is drawn, and both when it joins them. */
export function Partner({ board, line, finished, letters }: Props) {
  const joined = [line, finished.at(-1)].find((it) => it && isDone(board, it)) ?? null;
  const answering = useJustJoined(joined);
  const partner = line && !isDone(board, line) ? partnerOf(board, line) : undefined;
  const isNear = line && partner && distance(endOf(line), partner) === 1;
  return (
    <>
      {partner && line && (
        <Answer
          at={partner}
          how={isNear ? 'near' : 'waits'}
          color={line.color}
          text={letters?.get(line.color)}
        />
      )}
      {answering &&
        [answering.cells[0] as Cell, endOf(answering)].map((at) => (
          <Answer
            key={`${at.row},${at.col}`}
            at={at}
            how="joined"
            color={answering.color}
            text={letters?.get(answering.color)}
          />
        ))}
    </>
  );
}

interface AnswerProps {
  at: Cell;
  how: 'waits' | 'near' | 'joined';
  color: string;
  text: string | undefined;
}

/** A dot over the dot that is there, so that nothing else has to change. */
function Answer({ at, how, color, text }: AnswerProps) {
  const [x, y] = [at.col + 0.5, at.row + 0.5];
  return (
    <g
      class={`partner ${how}`}
      style={{ '--color': color, transformOrigin: `${x}px ${y}px` }}
      data-partner={`${at.row},${at.col}`}
    >
      <circle class="ring" cx={x} cy={y} r={0.44} />
      <DotMark x={x} y={y} color={color} text={text} />
    </g>
  );
}

/** The line that joined its pair, for as long as its dots answer. Those that were there from the start do not. */
function useJustJoined(joined: Drawing | null): Drawing | null {
  const [told, tell] = useState(joined?.color ?? null);
  const [answering, answer] = useState<Drawing | null>(null);
  const color = joined?.color ?? null;
  useEffect(() => {
    if (color === told) return;
    tell(color);
    if (joined) answer(joined);
  }, [color, told, joined]);
  useEffect(() => {
    if (!answering) return;
    const timer = setTimeout(() => answer(null), ANSWER);
    return () => clearTimeout(timer);
  }, [answering]);
  return answering;
}
