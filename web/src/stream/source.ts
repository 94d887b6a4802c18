import { backoff } from './backoff';
import { EVENT_TYPES, type Reset, type StreamEvent, toEvent } from './event';

export type Status = 'connecting' | 'live' | 'reconnecting' | 'offline' | 'signed-out';

export interface SourceListener {
  status(status: Status): void;
  /** The stream goes on from `id`, as it was asked to. */
  opened(id: number): void;
  /** An event, and the id of the one before it. */
  event(event: StreamEvent, before: number | null): void;
  reset(reset: Reset): void;
  /** Whether the server lets only users follow, and does not take the visitor for one. */
  isRefused(): Promise<boolean>;
}

/**
 * The event stream. A native `EventSource` comes back by itself after a cut, but gives up on any
 * answer other than 200, as a proxy makes while the server restarts: then it is opened anew here. Not so
 * when the visitor has to sign in first.
 */
export class Source {
  private stream: EventSource | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;

  constructor(
    private lastId: number | null,
    private readonly listener: SourceListener,
  ) {
    listener.status('connecting');
    this.open();
  }

  /** Opens the stream anew: the present connection may be dead without having told. */
  reopen(): void {
    this.close();
    this.open();
  }

  /** Ends a wait, if one is on. */
  retryNow(): void {
    if (this.stream?.readyState !== EventSource.OPEN) this.reopen();
  }

  close(): void {
    clearTimeout(this.timer);
    this.stream?.close();
    this.stream = undefined;
  }

  private open(): void {
    const query = this.lastId === null ? '' : `?last_event_id=${this.lastId}`;
    const stream = new EventSource(`/sse/notifications/${query}`);
    this.stream = stream;
    stream.onopen = () => {
      this.failures = 0;
      this.listener.status('live');
    };
    stream.onerror = () => this.failed(stream);
    for (const type of EVENT_TYPES) {
      stream.addEventListener(type, (message) => this.received(type, message));
    }
    stream.addEventListener('cursor', (message) => {
      const id = Number(message.lastEventId);
      const asAsked = this.lastId === null || this.lastId === id;
      this.lastId = id;
      // Otherwise a reset follows.
      if (asAsked) this.listener.opened(id);
    });
    stream.addEventListener('bye', () => {
      this.close();
      this.listener.status('signed-out');
    });
    stream.addEventListener('reset', (message) => {
      const { reason } = JSON.parse(message.data);
      this.listener.reset({ reason, from: this.lastId ?? 0 });
    });
  }

  private received(type: string, message: MessageEvent<string>): void {
    const id = Number(message.lastEventId);
    const before = this.lastId;
    this.lastId = id;
    const event = toEvent(id, type, JSON.parse(message.data));
    if (event) this.listener.event(event, before);
  }

  private async failed(stream: EventSource): Promise<void> {
    this.listener.status(navigator.onLine ? 'reconnecting' : 'offline');
    if (stream.readyState !== EventSource.CLOSED) return;
    const isRefused = await this.listener.isRefused();
    // It may have been opened anew, or closed, in the meantime.
    if (stream !== this.stream) return;
    if (isRefused) {
      this.listener.status('signed-out');
      return;
    }
    this.timer = setTimeout(() => this.open(), backoff(this.failures));
    this.failures += 1;
  }
}
