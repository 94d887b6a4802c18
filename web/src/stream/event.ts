export const EVENT_TYPES = [
  'newBoard',
  'newPath',
  'boardUpdated',
  'boardDeleted',
  'boardSolved',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** An event of the log. */
export interface StreamEvent {
  id: number;
  type: EventType;
  boardId: number;
  boardName: string;
  /** Who did it. */
  username: string;
}

/** That events are missing between what is known and what follows. */
export interface Reset {
  /** They are no longer kept; the log ends before what is known; or what is known was lost by a restore. */
  reason: 'expired' | 'ahead' | 'restored';
  /** The stream goes on after this event. */
  from: number;
}

/** The event in what the stream or the log says; null for a type that this page does not know. */
export function toEvent(id: number, type: string, data: unknown): StreamEvent | null {
  const known = EVENT_TYPES.find((it) => it === type);
  if (!known) return null;
  const { board_id, board_name, creator_username, user_username } = data as Record<string, unknown>;
  return {
    id,
    type: known,
    boardId: Number(board_id),
    boardName: String(board_name),
    username: String(creator_username ?? user_username),
  };
}
