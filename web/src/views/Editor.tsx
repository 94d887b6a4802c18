import '../style/editor.css';
import { useSignal } from '@preact/signals';
import type { BoardDraft } from '../api/client';
import { t } from '../language/texts';
import { route } from '../router';
import { boardPath } from '../routes';
import { reload, saveBoard } from '../state/board';
import { createBoard } from '../state/boards';
import { user } from '../state/session';
import { Filled } from '../ui/Filled';
import { Page } from '../ui/Page';
import { BoardStates } from './BoardStates';
import { EMPTY } from './editor/draft';
import { EditorForm } from './editor/EditorForm';
import { forget, type Key } from './editor/useEditor';
import { useOpenBoard } from './useOpenBoard';

export function NewBoard() {
  const from = Number(route.value.query.get('from'));
  return Number.isSafeInteger(from) && from > 0 ? (
    <BoardLike key={from} id={from} />
  ) : (
    <NewForm sourceKey="new" draft={EMPTY} />
  );
}

/** A new board that begins as another is. */
function BoardLike({ id }: { id: number }) {
  const now = useOpenBoard(id, 'edit');
  if (now.state !== 'ready') return <BoardStates id={id} now={now} />;
  const { name, rows, cols, dots } = now.board;
  return <NewForm sourceKey={`like ${id}`} draft={{ name, rows, cols, dots }} />;
}

function NewForm({ sourceKey, draft }: { sourceKey: Key; draft: BoardDraft }) {
  return (
    <Page title={t().editor.title} lead={t().editor.lead}>
      <EditorForm source={{ key: sourceKey, draft, etag: '', stale: false, save: createBoard }} />
    </Page>
  );
}

export function EditBoard({ id }: { id: number }) {
  const now = useOpenBoard(id, 'edit');
  const texts = t().editor;
  const round = useSignal(0);
  const who = user.value;
  if (now.state !== 'ready' || who === undefined) {
    return <BoardStates id={id} now={now.state === 'ready' ? { state: 'loading' } : now} />;
  }
  const { board, etag, stale } = now;
  if (who && who.username !== board.creator_username && !who.is_admin) {
    return (
      <Page title={texts.edit(board.name)}>
        <p class="page-lead">
          <Filled
            text={texts.notYours(board.creator_username)}
            with={{ draw: (words) => <a href={boardPath(id)}>{words}</a> }}
          />
        </p>
      </Page>
    );
  }
  const { name, rows, cols, dots } = board;
  const save = (draft: BoardDraft, overwrite: boolean) => saveBoard(draft, { overwrite });
  return (
    <Page title={texts.edit(name)}>
      <EditorForm
        // Another version is another form, and so is the same one begun anew.
        key={`${etag} ${round.value}`}
        source={{ key: id, draft: { name, rows, cols, dots }, etag, stale, save }}
        reload={() => {
          forget(id);
          round.value += 1;
          reload();
        }}
      />
    </Page>
  );
}
