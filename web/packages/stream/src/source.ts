import { backoff } from './backoff.js';
import type { Endpoint } from './endpoint.js';
import { type Reset, type StreamEvent, toEvent } from './event.js';

/**
 * How the stream is doing. `signed-out`: it is for users only, and this visitor is none. `refused`: the server does not
 * take the filter. In both cases it is not asked again until it is told to.
 */
export type Status = 'connecting' | 'live' | 'reconnecting' | 'offline' | 'signed-out' | 'refused';

/** What a stream has to tell. */
export type Report =
  /** Everything that is followed up to `id`, after what was told up to `before`: at most this event. */
  | { kind: 'at'; id: number; before: number; event?: StreamEvent }
  | { kind: 'reset'; reset: Reset }
  /** The server has ended the stream for good. */
  | { kind: 'bye'; reason: string }
  | { kind: 'status'; status: Status };

/**
 * The event stream. A native `EventSource` comes back by itself after a cut, but gives up on any
 * answer other than 200, as a proxy makes while the server restarts: then it is opened anew here. Not so
 * when it would be refused again.
 */
export class Source {
  private stream: EventSource | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  /** Whether the connection has not yet said where it begins. */
  private isOpening = true;

  constructor(
    private readonly endpoint: Endpoint,
    private lastId: number | null,
    private readonly tell: (report: Report) => void,
  ) {
    this.say('connecting');
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
    const stream = new EventSource(this.endpoint.stream(this.lastId));
    this.stream = stream;
    stream.onopen = () => {
      this.failures = 0;
      this.isOpening = true;
      this.say('live');
    };
    stream.onerror = () => this.failed(stream);
    for (const type of this.endpoint.types) {
      stream.addEventListener(type, (message) => this.received(type, message));
    }
    stream.addEventListener('cursor', (message) => this.moved(Number(message.lastEventId)));
    stream.addEventListener('bye', (message) => {
      this.close();
      this.tell({ kind: 'bye', reason: JSON.parse(message.data).reason });
      this.say('signed-out');
    });
    stream.addEventListener('reset', (message) => {
      const { reason } = JSON.parse(message.data);
      this.tell({ kind: 'reset', reset: { reason, from: this.lastId ?? 0 } });
    });
  }

  private received(type: string, message: MessageEvent<string>): void {
    const id = Number(message.lastEventId);
    const before = this.lastId ?? id - 1;
    this.lastId = id;
    const event = toEvent(id, type, JSON.parse(message.data));
    if (event) this.tell({ kind: 'at', id, before, event });
  }

  private moved(id: number): void {
    const before = this.lastId ?? id;
    const isAsAsked = this.isOpening ? id === before : id > before;
    this.isOpening = false;
    this.lastId = id;
    // Otherwise a reset follows.
    if (isAsAsked) this.tell({ kind: 'at', id, before });
  }

  private say(status: Status): void {
    this.tell({ kind: 'status', status });
  }

  private async failed(stream: EventSource): Promise<void> {
    this.say(navigator.onLine ? 'reconnecting' : 'offline');
    if (stream.readyState !== EventSource.CLOSED) return;
    const refusal = await this.endpoint.refusal();
    // It may have been opened anew, or closed, in the meantime.
    if (stream !== this.stream) return;
    if (refusal) {
      this.say(refusal);
      return;
    }
    this.timer = setTimeout(() => this.open(), backoff(this.failures));
    this.failures += 1;
  }
}
