import { t } from '../../language/texts';
import { boardPath } from '../../routes';
import { user } from '../../state/session';
import { Alert } from '../../ui/Alert';
import { sizeStyle } from '../../ui/grid/geometry';
import { EditorGrid } from './EditorGrid';
import { Fields } from './Fields';
import { Solvable } from './Solvable';
import { forget, type Source, useEditor } from './useEditor';
import { usePuzzle } from './usePuzzle';

interface Props {
  source: Source;
  /** Drops what was edited and takes the board as it is now. */
  reload?(): void;
}

export function EditorForm({ source, reload }: Props) {
  const texts = t().editor;
  const editor = useEditor(source);
  const puzzle = usePuzzle(editor);
  const isOff = editor.reasons.length > 0 || editor.saving.value || editor.isStale;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    editor.save(false);
  };
  return (
    <form onSubmit={submit} noValidate>
      {editor.isStale && (
        <Alert kind="warning">
          <p>{texts.changedElsewhere}</p>
          <div class="actions">
            <button type="button" class="button plain small" onClick={reload}>
              {texts.dropMine}
            </button>
            <button type="button" class="button plain small" onClick={() => editor.save(true)}>
              {texts.overwrite}
            </button>
          </div>
        </Alert>
      )}
      <div class="workbench editing" style={sizeStyle(editor.size.rows, editor.size.cols)}>
        <EditorGrid editor={editor} />
        <Fields editor={editor} puzzle={puzzle} />
        <div class="editor-save">
          <Solvable puzzle={puzzle} dots={editor.draft.value.dots} />
          {editor.failure && (
            <Alert>
              <p>{editor.failure}</p>
            </Alert>
          )}
          <div class="actions">
            <button type="submit" class="button" aria-disabled={isOff} aria-describedby="reasons">
              {editor.saving.value
                ? texts.saving
                : user.value === null
                  ? texts.signInAndSave
                  : texts.save}
            </button>
            <a
              class="button plain"
              href={typeof source.key === 'number' ? boardPath(source.key) : '/'}
              onClick={() => forget(source.key)}
            >
              {texts.cancel}
            </a>
          </div>
          <ul class="reasons" id="reasons" aria-label={texts.reasons}>
            {editor.reasons.map((reason) => (
              <li key={reason.words}>{reason.words}</li>
            ))}
          </ul>
        </div>
      </div>
    </form>
  );
}
