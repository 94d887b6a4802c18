import { t } from '../language/texts';
import { boardPath } from '../routes';
import type { StreamEvent } from '../state/event';
import { Filled } from './Filled';
import { deed } from './words';

interface Props {
  event: StreamEvent;
  /** How often it happened. */
  times?: number;
  /** How much else happened. */
  more?: number;
  onFollow?(): void;
}

/** `playerY saved a path on Puzzle Board`, with the board as a link as long as it exists. */
export function EventText({ event, times = 1, more = 0, onFollow }: Props) {
  const said = deed(event, times);
  const board =
    event.type === 'boardDeleted' ? (
      <strong>{event.boardName}</strong>
    ) : (
      <a href={boardPath(event.boardId)} onClick={onFollow}>
        {event.boardName}
      </a>
    );
  return <Filled text={more > 0 ? t().activity.andMore(said, more) : said} with={{ board }} />;
}
