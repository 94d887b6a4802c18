import type { EventPage } from './endpoint.js';
import { type Reset, type StreamEvent, toEvent } from './event.js';
import type { Queue } from './queue.js';

export interface FollowerOptions {
  /** The last event that is known; null if nothing is yet, so that nothing can be missing. */
  after: number | null;
  /** Everything is done in this queue. */
  queue: Queue;
  apply(event: StreamEvent): void;
  /** Called when `position` has become another one. */
  moved(id: number): void;
  /** Events are missing. What comes after them waits until this is done. */
  reset(reset: Reset): void | Promise<void>;
  readLog(after: number): Promise<EventPage>;
  /** The log could not be read as far as it goes. */
  fellBehind(): void;
}

/**
 * Applies each event once and in order, whoever tells of it. Each comes with the id of the one before
 * it; where that is not known, what is missing is read from the log.
 */
export class Follower {
  private applied: number | null;
  private isClosed = false;

  constructor(private readonly options: FollowerOptions) {
    this.applied = options.after;
  }

  /** The last event that has been dealt with. */
  get position(): number | null {
    return this.applied;
  }

  /**
   * Takes it that `id` is the next one after `before`, with this event. Without one, nothing that is followed has
   * happened in between.
   */
  take(id: number, before: number, event?: StreamEvent): Promise<void> {
    return this.run(async () => {
      if (!(await this.catchUp(before)) || id <= this.known) return;
      if (event) this.apply(event);
      else this.move(id);
    });
  }

  /** Makes sure that everything up to `id` is known. */
  reach(id: number): Promise<void> {
    return this.run(async () => {
      await this.catchUp(id);
    });
  }

  /** Takes a reset. */
  restart(reset: Reset): Promise<void> {
    return this.run(() => this.startOver(reset));
  }

  /** Ends it: nothing more is applied. */
  close(): void {
    this.isClosed = true;
  }

  private get known(): number {
    return this.applied ?? -1;
  }

  private run(job: () => Promise<void>): Promise<void> {
    return this.options.queue.run(async () => {
      if (!this.isClosed) await job();
    });
  }

  private apply(event: StreamEvent): void {
    if (!this.isClosed) this.options.apply(event);
    this.move(event.id);
  }

  private move(id: number): void {
    this.applied = id;
    if (!this.isClosed) this.options.moved(id);
  }

  private async startOver(reset: Reset): Promise<void> {
    this.applied = reset.from;
    await this.options.reset(reset);
    this.move(reset.from);
  }

  /** Reads the log up to `id`. False if that failed: nothing past the gap may be applied. */
  private async catchUp(id: number): Promise<boolean> {
    if (this.applied === null) this.move(id);
    while (this.known < id) {
      const after = this.known;
      const page = await this.options.readLog(after).catch(() => null);
      if (this.isClosed) return false;
      if (page && page.trimmed_through > after) {
        await this.startOver({ reason: 'expired', from: page.trimmed_through });
        continue;
      }
      if (page?.reset === 'restored' || page?.reset === 'ahead') {
        // The log goes on elsewhere: before the first event of this page.
        const [first] = page.items;
        const from = first ? first.id - 1 : page.next_after;
        await this.startOver({ reason: page.reset, from });
        continue;
      }
      for (const { id, type, data } of page?.items ?? []) {
        const event = toEvent(id, type, data);
        if (event) this.apply(event);
      }
      if (!page || page.next_after <= after) {
        this.options.fellBehind();
        return false;
      }
      this.move(page.next_after);
    }
    return true;
  }
}
