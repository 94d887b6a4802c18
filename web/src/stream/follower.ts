import type { LoggedEvent } from '../api/client';
import { type Reset, type StreamEvent, toEvent } from './event';
import type { Queue } from './queue';

/** A page of the log, as `GET /api/v1/events` answers it. */
interface EventPage {
  items: LoggedEvent[];
  next_after: number;
  trimmed_through: number;
  /** Why the cursor could not be honoured. */
  reset?: string;
}

export interface FollowerOptions {
  /** The last event that is known; null if nothing is yet, so that nothing can be missing. */
  after: number | null;
  /** What the events act on is read in this queue, too: they wait until it is there. */
  queue: Queue;
  apply(event: StreamEvent): void;
  /** Called when `applied` has become another one. */
  moved(id: number, reset?: Reset): void;
  /** Events are missing: reads again what is shown. */
  reset(reset: Reset): Promise<void>;
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

  constructor(private readonly options: FollowerOptions) {
    this.applied = options.after;
  }

  /** The last event that has been dealt with. */
  get position(): number | null {
    return this.applied;
  }

  /** Takes an event. */
  take(event: StreamEvent, before: number | null): Promise<void> {
    return this.options.queue.run(async () => {
      if (before !== null && !(await this.catchUp(before))) return;
      if (this.applied === null || event.id > this.applied) this.apply(event);
    });
  }

  /** Makes sure that everything up to `id` is known. */
  reach(id: number): Promise<void> {
    return this.options.queue.run(async () => {
      await this.catchUp(id);
    });
  }

  /** Takes a reset. */
  restart(reset: Reset): Promise<void> {
    return this.options.queue.run(() => this.startOver(reset));
  }

  private apply(event: StreamEvent): void {
    this.options.apply(event);
    this.move(event.id);
  }

  private move(id: number): void {
    this.applied = id;
    this.options.moved(id);
  }

  private async startOver(reset: Reset): Promise<void> {
    this.applied = reset.from;
    this.options.moved(reset.from, reset);
    await this.options.reset(reset);
  }

  /** Reads the log up to `id`. False if that failed: nothing past the gap may be applied. */
  private async catchUp(id: number): Promise<boolean> {
    if (this.applied === null) this.move(id);
    while ((this.applied as number) < id) {
      const after = this.applied as number;
      const page = await this.options.readLog(after).catch(() => null);
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
