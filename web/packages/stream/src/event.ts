interface AboutBoard {
  board_id: number;
  board_name: string;
}

interface ByUser extends AboutBoard {
  user_username: string;
}

/** What each type of event says. */
export interface EventData {
  /** Somebody made a board. */
  newBoard: AboutBoard & { creator_username: string };
  /** Somebody saved a path on a board. */
  newPath: ByUser & { path_id: number };
  /** Somebody changed a board. */
  boardUpdated: ByUser;
  /** Somebody deleted a board, and with it its paths. */
  boardDeleted: ByUser;
  /** A user's paths join all pairs of a board. */
  boardSolved: ByUser;
  /** A user's name was replaced by a pseudonym, in these events as well. A stream of one board leaves it out. */
  userErased: { user_id: number; pseudonym: string; event_ids: number[] };
}

export type EventType = keyof EventData;

/** All types of events, as servers of this version send them. */
export const EVENT_TYPES = [
  'newBoard',
  'newPath',
  'boardUpdated',
  'boardDeleted',
  'boardSolved',
  'userErased',
] as const satisfies readonly EventType[];

/** An event of the log; its `type` tells what its `data` is. */
export type StreamEvent = {
  [Type in EventType]: {
    /** Its place in the log: above 0, growing, never used twice. */
    id: number;
    type: Type;
    data: EventData[Type];
  };
}[EventType];

/** That events are missing between what is known and what follows. */
export interface Reset {
  /** They are no longer kept; the log ends before what is known; or what is known was lost by a restore. */
  reason: 'expired' | 'ahead' | 'restored';
  /** The stream goes on after this event. */
  from: number;
}

/** The event in what the stream or the log says; null for a type that this version does not know. */
export function toEvent(id: number, type: string, data: unknown): StreamEvent | null {
  const isKnown = EVENT_TYPES.some((it) => it === type);
  return isKnown ? ({ id, type, data } as StreamEvent) : null;
}
