import { useRef } from 'preact/hooks';
import type { Board } from '../../api/client';
import { t } from '../../language/texts';
import { matches } from '../../setting';
import { LetterDot } from '../../ui/grid/LetterDot';
import { Icon } from '../../ui/Icon';
import { colorOf, type Names } from './pairs';
import type { Finished } from './useLines';

/** Where the list stands beside the board, and not below it. */
const isBeside = matches('(width >= 52rem)');

interface Props {
  board: Board;
  lines: readonly Finished[];
  names: Names;
  /** One is pointed at, so that it is to be seen on the board. */
  onPick(id: number | null): void;
  onDelete(line: Finished): void;
}

/** One's finished lines; it folds. */
export function PathList({ board, lines, names, onPick, onDelete }: Props) {
  const texts = t().draw;
  const list = useRef<HTMLDetailsElement>(null);
  const isOpen = useRef(isBeside.peek());

  const remove = (line: Finished, index: number) => {
    onDelete(line);
    // The focus goes to what comes in its place, or else to the head of the list.
    const buttons = list.current?.querySelectorAll('button') ?? [];
    const next = buttons[index + 1] ?? buttons[index - 1];
    (next ?? list.current?.querySelector('summary'))?.focus();
  };

  return (
    <details class="panel paths" ref={list} open={isOpen.current}>
      <summary>
        <h2>{texts.paths}</h2>
        <span>{lines.length > 0 && lines.length}</span>
      </summary>
      {lines.length === 0 && <p class="quiet-text">{texts.noPaths}</p>}
      <ul class="path-list">
        {lines.map((line, index) => {
          const color = line.connects ?? colorOf(board, line.cells);
          const name = color ? texts.pathName(names.ofColor(color)) : texts.noPair;
          const id = line.path?.id ?? null;
          return (
            <li
              key={line.path?.id ?? line.line?.key}
              onMouseEnter={() => onPick(id)}
              onMouseLeave={() => onPick(null)}
            >
              {color && <LetterDot color={color} text={names.marks.get(color)} />}
              <span>
                {name}{' '}
                <small>
                  {texts.pathState(line.cells.length, line.connects !== null, id !== null)}
                </small>
              </span>
              <button
                type="button"
                class="icon-button"
                aria-label={texts.deletePath(index + 1, name)}
                onFocus={() => onPick(id)}
                onBlur={() => onPick(null)}
                onClick={() => remove(line, index)}
              >
                <Icon name="trash" />
              </button>
            </li>
          );
        })}
      </ul>
    </details>
  );
}
