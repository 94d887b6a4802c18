import { signInPath } from '../../router';
import { Alert } from '../../ui/Alert';
import { Icon } from '../../ui/Icon';
import { capital, count } from '../../ui/words';
import type { Names } from './pairs';
import type { UseDrawing } from './useDrawing';

/** The id of what says how to draw. */
export const HINT = 'how-to-draw';

interface Props {
  draw: UseDrawing;
  names: Names;
}

/** Under the grid: how to draw, what is being drawn, what became of it. */
export function DrawBar({ draw, names }: Props) {
  const line = draw.drawing.value;
  const says = draw.says.value;
  const waits = draw.waiting.value.length > 0;
  return (
    <>
      <div class="draw-bar">
        <div>
          <p id={HINT} class={line || says || waits ? 'sr-only' : ''}>
            Drag from a dot to its partner.{' '}
            <span class="keys">
              By keyboard: Enter on a dot, then the arrow keys; Enter saves, Backspace takes back,
              Escape discards.
            </span>
          </p>
          {line && (
            <p>
              {capital(names.ofColor(line.color))}, {count(line.cells.length, 'cell')}
              {draw.joins ? ', joined' : ''}
            </p>
          )}
          {waits && <p>{count(draw.waiting.value.length, 'line')} drawn, and not saved yet.</p>}
          <p role="status">{draw.saving.value.length > 0 ? 'Saving…' : says}</p>
        </div>
        {!line && waits && (
          <div class="actions">
            <button type="button" class="button plain small" onClick={draw.discardWaiting}>
              Discard
            </button>
            <a class="button small" href={signInPath()}>
              Sign in and save
            </a>
          </div>
        )}
        {line && (
          <div class="actions">
            <button type="button" class="button plain small" onClick={draw.takeBack}>
              <Icon name="undo" />
              Undo
            </button>
            <button type="button" class="button plain small" onClick={draw.discard}>
              Discard
            </button>
            <button
              type="button"
              class="button small"
              aria-disabled={line.cells.length < 2}
              onClick={draw.save}
            >
              <Icon name="check" />
              Save
            </button>
          </div>
        )}
      </div>
      {draw.error.value && (
        <Alert>
          <p>{draw.error.value}</p>
        </Alert>
      )}
    </>
  );
}
