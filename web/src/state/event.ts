import * as stream from '@dotcast/stream';
import { underPresentName } from './erasure';

/** What people do to boards. The log tells of other things as well. */
export type EventType = Exclude<stream.EventType, 'userErased'>;

const isDeed = (type: stream.EventType): type is EventType => type !== 'userErased';

/** All types of what people do. */
export const EVENT_TYPES = stream.EVENT_TYPES.filter(isDeed);

/** An event of the log, as far as the page shows it. */
export interface StreamEvent {
  id: number;
  type: EventType;
  boardId: number;
  boardName: string;
  /** Who did it. */
  username: string;
}

/** The event in what the stream says. */
export function fromStream({
  id,
  type,
  data,
}: Exclude<stream.StreamEvent, { type: 'userErased' }>): StreamEvent {
  const username = 'creator_username' in data ? data.creator_username : data.user_username;
  return underPresentName({
    id,
    type,
    boardId: data.board_id,
    boardName: data.board_name,
    username,
  });
}

/** The event in what the log says; null for what nobody did to a board, or a type that this page does not know. */
export function toEvent(id: number, type: string, data: unknown): StreamEvent | null {
  const event = stream.toEvent(id, type, data);
  return event && event.type !== 'userErased' ? fromStream(event) : null;
}
