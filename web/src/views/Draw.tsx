import { userPath } from '../routes';
import { hiddenPaths } from '../state/deletions';
import { user } from '../state/session';
import { Page } from '../ui/Page';
import { BoardStates } from './BoardStates';
import { BoardActions } from './draw/BoardActions';
import { Workbench } from './draw/Workbench';
import { useOpenBoard } from './useOpenBoard';

/** A board to draw on. */
export function Draw({ id }: { id: number }) {
  const now = useOpenBoard(id, 'draw');
  if (now.state !== 'ready') return <BoardStates now={now} />;
  const { board } = now;
  const paths = now.paths.filter((it) => !hiddenPaths.value.has(it.id));
  const who = user.value;
  const isOwn = who?.username === board.creator_username || who?.is_admin === true;
  return (
    <Page
      title={board.name}
      lead={
        <>
          {board.rows} × {board.cols}, made by{' '}
          <a href={userPath(board.creator_username)}>{board.creator_username}</a>
        </>
      }
      actions={<BoardActions board={board} isOwn={isOwn} />}
    >
      <Workbench board={board} paths={paths} />
    </Page>
  );
}
