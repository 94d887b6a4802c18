import { EVENT_TYPES, type EventType } from './event.js';

/** Which events of the log are followed; all, without any of these. */
export interface Filter {
  /** Only events about this board. */
  board?: number | null;
  /** Only events of these types. */
  types?: readonly EventType[];
}

/** A page of the log, as `GET /api/v1/events` answers it. */
export interface EventPage {
  items: readonly { id: number; type: string; data: unknown }[];
  next_after: number;
  trimmed_through: number;
  /** Why the cursor could not be honoured. */
  reset?: string;
}

/** A request for a page of the log has failed if there is no answer within this time, in milliseconds. */
const TIMEOUT = 15_000;
/** The most events that a page can have. */
const LONGEST_PAGE = 200;

/** Where a server has its stream and its log, and which part of them is followed. */
export class Endpoint {
  /** The types of events that may come. */
  readonly types: readonly EventType[];
  private readonly base: string;
  private readonly filter: readonly string[];

  constructor(server: string | URL, { board, types }: Filter) {
    this.base = String(server).replace(/\/+$/, '');
    this.types = types ?? EVENT_TYPES;
    this.filter = [
      ...(types ? [`types=${types.join(',')}`] : []),
      ...(board == null ? [] : [`board_id=${board}`]),
    ];
  }

  /** The same for all who follow the same events. */
  get key(): string {
    return this.stream(null);
  }

  /** The address of the stream after an event; null for what happens from now on. */
  stream(after: number | null): string {
    const query = [...this.filter, ...(after === null ? [] : [`last_event_id=${after}`])];
    return `${this.base}/sse/notifications/${query.length > 0 ? `?${query.join('&')}` : ''}`;
  }

  /** Reads the log after an event, oldest first. Rejects if there is no such answer. */
  async read(after: number): Promise<EventPage> {
    const answer = await this.ask([`after=${after}`, `limit=${LONGEST_PAGE}`]);
    if (!answer.ok) throw new Error(`the log cannot be read: ${answer.status}`);
    return answer.json();
  }

  /** Why the server refuses the stream and would do so again; null if that is not why it does not come. */
  async refusal(): Promise<'signed-out' | 'refused' | null> {
    // A stream that was refused does not tell.
    const status = await this.ask(['limit=1']).then(
      (it) => it.status,
      () => 0,
    );
    if (status === 401) return 'signed-out';
    return status === 400 ? 'refused' : null;
  }

  private ask(query: readonly string[]): Promise<Response> {
    const address = `${this.base}/api/v1/events?${[...this.filter, ...query].join('&')}`;
    return fetch(address, { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT) });
  }
}
