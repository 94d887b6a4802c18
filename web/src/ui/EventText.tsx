import { boardPath } from '../routes';
import type { StreamEvent } from '../stream/event';
import { deed } from './words';

interface Props {
  event: StreamEvent;
  /** How often it happened. */
  times?: number;
  onFollow?(): void;
}

/** `playerY saved a path on Puzzle Board`, with the board as a link as long as it exists. */
export function EventText({ event, times = 1, onFollow }: Props) {
  return (
    <>
      {deed(event, times)}{' '}
      {event.type === 'boardDeleted' ? (
        <strong>{event.boardName}</strong>
      ) : (
        <a href={boardPath(event.boardId)} onClick={onFollow}>
          {event.boardName}
        </a>
      )}
    </>
  );
}
