import type { Endpoint } from './endpoint.js';
import type { Follower } from './follower.js';
import { Mark } from './mark.js';
import { type Report, Source, type Status } from './source.js';

/** A leader that does not answer within this time is frozen or gone, in milliseconds. */
const PATIENCE = 3_000;
/** How long the leader may be silent before it is asked whether it is there, in milliseconds. */
const SILENCE = 10_000;
/** Tabs take their turns within this time when the leader leaves, in milliseconds. */
const TURNS = 100;

/** What goes between tabs: `hello` asks the leader where it is, with `left` it leaves. */
type Message = { kind: 'hello' | 'left' } | { kind: 'report'; claim: number; report: Report };

/**
 * One event stream for all tabs of this browser: one of them, the leader, has the connection and tells the others.
 * When it leaves or does not answer, another takes over from what it has applied. Of two that lead, the one that
 * claimed it first gives way. It takes a `BroadcastChannel`, which there is without encryption, too, unlike locks;
 * where there is none, each tab has a stream as long as it is to be seen.
 */
export class SharedStream {
  /** Tabs that follow the same events share a stream. */
  private readonly name: string;
  private readonly mark: Mark;
  private readonly closing = new AbortController();
  private channel: BroadcastChannel | undefined;
  private source: Source | undefined;
  private claim = 0;
  private status: Status = 'connecting';
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly follower: Follower,
    private readonly onStatus: (status: Status) => void,
    private readonly onBye: (reason: string) => void,
  ) {
    this.name = `dotcast ${endpoint.key}`;
    this.mark = new Mark(this.name);
  }

  /** Whether this tab is the one that has the connection. */
  get leads(): boolean {
    return this.source !== undefined;
  }

  start(): void {
    this.listen(globalThis, 'online', () => this.source?.reopen());
    this.listen(globalThis, 'offline', () => this.source?.reopen());
    this.listen(document, 'visibilitychange', () => {
      if (isVisible()) this.wake();
      // Browsers open six connections to a server, and hidden tabs must not use them up.
      else if (!this.channel) this.stopLeading();
    });
    this.listen(document, 'resume', () => this.wake(true));
    // A page in the back/forward cache shall neither lead nor keep the others waiting.
    this.listen(globalThis, 'pagehide', () => this.leave());
    this.listen(globalThis, 'pageshow', (event) => {
      if ((event as PageTransitionEvent).persisted) this.join();
    });
    this.join();
  }

  /** Finds out where the stream is, as what has been heard of it may be old. */
  wake(wasFrozen = false): void {
    if (!this.source) this.follow();
    else if (wasFrozen) this.source.reopen();
    else this.source.retryNow();
  }

  close(): void {
    this.closing.abort();
    this.leave();
  }

  private listen(target: EventTarget, type: string, listener: (event: Event) => void): void {
    target.addEventListener(type, listener, { signal: this.closing.signal });
  }

  private join(): void {
    this.channel = openChannel(this.name);
    if (this.channel) this.channel.onmessage = ({ data }) => this.hear(data);
    if (this.channel && !this.mark.read()) this.lead();
    else this.follow();
  }

  private leave(): void {
    clearTimeout(this.timer);
    if (this.source) {
      if (this.mark.read() === this.claim) this.mark.set(null);
      this.stopLeading();
      this.tell({ kind: 'left' });
    }
    this.channel?.close();
    this.channel = undefined;
  }

  /** Leads as soon as nobody else does. */
  private follow(): void {
    if (this.channel) this.greet();
    else if (isVisible()) this.lead();
  }

  private lead(): void {
    clearTimeout(this.timer);
    this.claim = Date.now() + Math.random();
    this.mark.set(this.claim);
    this.source = new Source(this.endpoint, this.follower.position, (report) => {
      this.report(report);
      this.take(report);
    });
  }

  private stopLeading(): void {
    this.source?.close();
    this.source = undefined;
  }

  /** Asks the leader where it is, and takes over if there is no answer. */
  private greet(): void {
    const asked = performance.now();
    this.tell({ kind: 'hello' });
    this.after(PATIENCE, () => {
      // If this tab was frozen itself, the answer may be waiting behind this.
      const isLate = performance.now() - asked > 2 * PATIENCE;
      if (isLate) this.greet();
      else this.lead();
    });
  }

  /** Does something later, instead of what was to be done before. */
  private after(delay: number, act: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(act, delay);
  }

  private report(report: Report): void {
    this.tell({ kind: 'report', claim: this.claim, report });
  }

  private tell(message: Message): void {
    this.channel?.postMessage(message);
  }

  private hear(message: Message): void {
    switch (message.kind) {
      case 'hello':
        if (this.source) this.answer();
        break;
      case 'left':
        if (!this.source) this.after(Math.random() * TURNS, () => this.lead());
        break;
      case 'report':
        this.hearReport(message.claim, message.report);
        break;
    }
  }

  private hearReport(claim: number, report: Report): void {
    if (this.source && claim < this.claim) {
      // It gives way when it hears of this one.
      this.answer();
      return;
    }
    this.stopLeading();
    this.after(SILENCE, () => this.greet());
    this.take(report);
  }

  private answer(): void {
    this.report({ kind: 'status', status: this.status });
    const { position } = this.follower;
    if (position !== null) this.report({ kind: 'at', id: position, before: position });
  }

  private take(report: Report): void {
    switch (report.kind) {
      case 'status':
        this.status = report.status;
        this.onStatus(report.status);
        break;
      case 'at':
        this.follower.take(report.id, report.before, report.event);
        break;
      case 'reset':
        this.follower.restart(report.reset);
        break;
      case 'bye':
        this.onBye(report.reason);
        break;
    }
  }
}

function isVisible(): boolean {
  return document.visibilityState === 'visible';
}

/** What tabs talk over; undefined where there is no such thing, or not for a page without storage. */
function openChannel(name: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(name);
  } catch {
    return undefined;
  }
}
