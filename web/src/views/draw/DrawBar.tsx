import { t } from '../../language/texts';
import { Icon, type IconName } from '../../ui/Icon';
import { BoardMenu, type MenuProps } from './BoardMenu';
import type { Names } from './pairs';
import type { UseDrawing } from './useDrawing';

/** The id of what says how to draw. */
export const HINT = 'how-to-draw';

interface Props extends Omit<MenuProps, 'onRestart'> {
  draw: UseDrawing;
  names: Names;
}

/** Under the grid: what can be done, what is being drawn, what became of it, how to draw. */
export function DrawBar({ draw, names, board, isOwn }: Props) {
  const texts = t().draw;
  const line = draw.drawing.value;
  const { done, undone } = draw.history.value;
  const waits = draw.waiting.value.length > 0;
  const says = draw.saving.value.length > 0 ? texts.saving : draw.says.value?.();
  return (
    <div class="draw-bar">
      {/* biome-ignore lint/a11y/useSemanticElements: there is nothing to submit. */}
      <div class="draw-tools" role="group" aria-label={texts.tools}>
        <Tool icon="undo" name={texts.undo} can={done.length > 0} act={draw.takeBack} />
        <Tool icon="redo" name={texts.redo} can={undone.length > 0} act={draw.doAgain} />
        <Tool icon="eraser" name={texts.clear} can={line !== null || waits} act={draw.clear} />
        <button
          type="button"
          class="button plain small"
          aria-disabled={(line?.cells.length ?? 0) < 2}
          onClick={draw.save}
        >
          <Icon name="check" />
          {texts.save}
        </button>
        <BoardMenu board={board} isOwn={isOwn} onRestart={draw.restart} />
      </div>
      <div class="draw-status">
        {line && <p>{texts.line(names.ofColor(line.color), line.cells.length, draw.joins)}</p>}
        <p role="status">{says}</p>
        <p id={HINT} class={line || says ? 'sr-only' : ''}>
          {texts.hint} <span class="keys">{texts.keys}</span>
        </p>
      </div>
    </div>
  );
}

interface ToolProps {
  icon: IconName;
  name: string;
  can: boolean;
  act(): void;
}

/** A button that stays where it is, and keeps the focus, also while it can do nothing. */
function Tool({ icon, name, can, act }: ToolProps) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={name}
      title={name}
      aria-disabled={!can}
      onClick={() => can && act()}
    >
      <Icon name={icon} />
    </button>
  );
}
