import type { Reset, StreamEvent } from './event';
import type { Follower } from './follower';
import { Source, type Status } from './source';

const NAME = 'dotcast.stream';
/** A leader that does not answer within this time is frozen. */
const PATIENCE = 3_000;

/** What the leader tells the others. */
type Report =
  | { kind: 'event'; event: StreamEvent; before: number | null }
  | { kind: 'at'; id: number }
  | { kind: 'reset'; reset: Reset }
  | { kind: 'status'; status: Status };

/** What goes between tabs; `hello` asks the leader where it is. */
type Message = Report | { kind: 'hello' };

/**
 * One event stream for all tabs of this browser: the tab that holds a lock, the leader, has the
 * connection and tells the others. When it goes, the next one takes over from what it has applied.
 */
export class SharedStream {
  private channel: BroadcastChannel | undefined;
  private waiting: AbortController | undefined;
  private source: Source | undefined;
  private release = () => {};
  private status: Status = 'connecting';
  private patience: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly follower: Follower,
    private readonly onStatus: (status: Status) => void,
    private readonly isRefused: () => Promise<boolean>,
  ) {}

  start(): void {
    addEventListener('online', () => this.source?.reopen());
    addEventListener('offline', () => this.source?.reopen());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.wake();
    });
    document.addEventListener('resume', () => this.wake(true));
    // A page in the back/forward cache shall neither lead nor keep the others waiting.
    addEventListener('pagehide', () => this.leave());
    addEventListener('pageshow', (event) => {
      if (event.persisted) this.join();
    });
    this.join();
  }

  /** Finds out where the stream is, as what has been heard of it may be old. */
  wake(wasFrozen = false): void {
    if (!this.source) this.greet();
    else if (wasFrozen) this.source.reopen();
    else this.source.retryNow();
  }

  private join(): void {
    if (!('locks' in navigator) || !('BroadcastChannel' in globalThis)) {
      this.lead();
      return;
    }
    this.channel = new BroadcastChannel(NAME);
    this.channel.onmessage = ({ data }) => this.hear(data);
    this.queueUp();
    this.greet();
  }

  private leave(): void {
    clearTimeout(this.patience);
    this.waiting?.abort();
    this.stopLeading();
    this.channel?.close();
    this.channel = undefined;
  }

  /** Leads as soon as nobody else does, or at once instead of a leader that has frozen. */
  private queueUp(steal = false): void {
    this.waiting?.abort();
    const waiting = new AbortController();
    this.waiting = waiting;
    const hold = () =>
      new Promise<void>((resolve) => {
        this.release = resolve;
        this.lead();
      });
    // Stealing cannot be given a signal, and does not wait.
    const options = steal ? { steal } : { signal: waiting.signal };
    navigator.locks.request(NAME, options, hold).catch(() => {
      if (waiting.signal.aborted) return;
      // Another tab took this one, which did not answer, for frozen.
      this.stopLeading();
      this.queueUp();
      this.greet();
    });
  }

  private lead(): void {
    clearTimeout(this.patience);
    this.source = new Source(this.follower.position, {
      status: (status) => this.spread({ kind: 'status', status }),
      opened: (id) => this.spread({ kind: 'at', id }),
      event: (event, before) => this.spread({ kind: 'event', event, before }),
      reset: (reset) => this.spread({ kind: 'reset', reset }),
      isRefused: this.isRefused,
    });
  }

  private stopLeading(): void {
    this.source?.close();
    this.source = undefined;
    this.release();
  }

  private greet(): void {
    this.tell({ kind: 'hello' });
    clearTimeout(this.patience);
    this.patience = setTimeout(() => {
      if (document.visibilityState === 'visible') this.queueUp(true);
    }, PATIENCE);
  }

  private spread(report: Report): void {
    this.tell(report);
    this.take(report);
  }

  private tell(message: Message): void {
    this.channel?.postMessage(message);
  }

  private hear(message: Message): void {
    if (message.kind === 'hello') {
      this.answer();
    } else if (!this.source) {
      clearTimeout(this.patience);
      this.take(message);
    }
  }

  private answer(): void {
    if (!this.source) return;
    this.tell({ kind: 'status', status: this.status });
    const { position } = this.follower;
    if (position !== null) this.tell({ kind: 'at', id: position });
  }

  private take(report: Report): void {
    switch (report.kind) {
      case 'status':
        this.status = report.status;
        this.onStatus(report.status);
        break;
      case 'at':
        this.follower.reach(report.id);
        break;
      case 'event':
        this.follower.take(report.event, report.before);
        break;
      case 'reset':
        this.follower.restart(report.reset);
        break;
    }
  }
}
