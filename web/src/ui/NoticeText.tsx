import { boardPath } from '../routes';
import type { Notice } from '../state/notifications';
import { deed } from './words';

interface Props {
  notice: Notice;
  onFollow?(): void;
}

/** `playerY saved a path on Puzzle Board`, with the board as a link as long as it exists. */
export function NoticeText({ notice, onFollow }: Props) {
  return (
    <>
      {deed(notice)}{' '}
      {notice.type === 'boardDeleted' ? (
        <strong>{notice.boardName}</strong>
      ) : (
        <a href={boardPath(notice.boardId)} onClick={onFollow}>
          {notice.boardName}
        </a>
      )}
    </>
  );
}
