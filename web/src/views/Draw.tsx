import { t } from '../language/texts';
import { userPath } from '../routes';
import { user } from '../state/session';
import { Filled } from '../ui/Filled';
import { sizeStyle } from '../ui/grid/geometry';
import { Page } from '../ui/Page';
import { BoardStates } from './BoardStates';
import { BoardActions } from './draw/BoardActions';
import { Workbench } from './draw/Workbench';
import { useOpenBoard } from './useOpenBoard';

/** A board to draw on. */
export function Draw({ id }: { id: number }) {
  const now = useOpenBoard(id, 'draw');
  if (now.state !== 'ready') return <BoardStates id={id} now={now} />;
  const { board } = now;
  const texts = t().draw;
  const who = user.value;
  const isOwn = who?.username === board.creator_username || who?.is_admin === true;
  return (
    <div class="draw-room" style={sizeStyle(board.rows, board.cols)}>
      <Page
        title={board.name}
        class="draw-page"
        lead={
          <Filled
            text={texts.lead}
            with={{
              size: `${board.rows} × ${board.cols}`,
              maker: <a href={userPath(board.creator_username)}>{board.creator_username}</a>,
            }}
          />
        }
        actions={<BoardActions board={board} isOwn={isOwn} />}
      >
        <Workbench board={board} isOwn={isOwn} />
      </Page>
    </div>
  );
}
