import * as stream from '@dotcast/stream';

export { EVENT_TYPES, type EventType } from '@dotcast/stream';

/** An event of the log, as far as the page shows it. */
export interface StreamEvent {
  id: number;
  type: stream.EventType;
  boardId: number;
  boardName: string;
  /** Who did it. */
  username: string;
}

/** The event in what the stream says. */
export function fromStream({ id, type, data }: stream.StreamEvent): StreamEvent {
  const username = 'creator_username' in data ? data.creator_username : data.user_username;
  return { id, type, boardId: data.board_id, boardName: data.board_name, username };
}

/** The event in what the log says; null for a type that this page does not know. */
export function toEvent(id: number, type: string, data: unknown): StreamEvent | null {
  const event = stream.toEvent(id, type, data);
  return event && fromStream(event);
}
