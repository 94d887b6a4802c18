import { backoff } from './backoff.js';
import { Endpoint, type Filter } from './endpoint.js';
import type { Reset, StreamEvent } from './event.js';
import { Follower } from './follower.js';
import { Queue } from './queue.js';
import { SharedStream } from './shared.js';
import type { Status } from './source.js';

/** What to follow, and what to do with it. */
export interface Options extends Filter {
  /** URL of the server; by default the page's own. A path in it is kept, as for a server behind a proxy. */
  server?: string | URL;
  /** Begin after this event; 0 for all that are kept. Without it, begin with what happens from now on. */
  after?: number | null;
  /** Before the stream is opened, read the log up to this event, a page at a time: faster after a long absence. */
  through?: number | null;
  /** Where events are told, one after the other: what else runs in this queue holds them up. */
  queue?: Queue;
  /** An event. Each is told once, in the order of the ids. */
  onEvent(event: StreamEvent): void;
  /** Everything up to this event has been told: to go on {@link after} it on the next visit. */
  onPosition?(id: number): void;
  /** Events are missing: read again what is made of them. What comes after waits until this is done. */
  onReset?(reset: Reset): void | Promise<void>;
  /** The server has ended the stream with the session behind it. `wake` asks again, when somebody has signed in. */
  onBye?(reason: string): void;
  onStatus?(status: Status): void;
}

/** A stream that is followed until it is closed. */
export interface EventStream {
  /** The last event that has been dealt with; null before the stream has begun. */
  readonly position: number | null;
  /** Whether this tab is the one that has the connection for all tabs. */
  readonly leads: boolean;
  /** Ends a wait for the next attempt. */
  wake(): void;
  /** Ends it: nothing is called any more, and another tab takes over. */
  close(): void;
}

/** How many ids to read before other jobs of the queue get a turn. */
const STRETCH = 1000;

/** Follows the events of a server. All tabs of a browser that follow the same ones share a connection. */
export function follow(options: Options): EventStream {
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOpen = false;
  let isClosed = false;

  const endpoint = new Endpoint(options.server ?? '', options);
  const follower = new Follower({
    after: options.after ?? null,
    queue: options.queue ?? new Queue(),
    apply: (event) => attempt(() => options.onEvent(event)),
    moved(id) {
      failures = 0;
      attempt(() => options.onPosition?.(id));
    },
    reset: (reset) => attempt(() => options.onReset?.(reset)),
    readLog: (after) => endpoint.read(after),
    fellBehind() {
      clearTimeout(timer);
      timer = setTimeout(wake, backoff(failures));
      failures += 1;
    },
  });
  const stream = new SharedStream(
    endpoint,
    follower,
    (status) => attempt(() => options.onStatus?.(status)),
    (reason) => attempt(() => options.onBye?.(reason)),
  );

  function wake(): void {
    if (isOpen) stream.wake();
  }

  /** Reads what was missed, as far as that works. The stream goes on from there. */
  async function catchUp(through: number): Promise<void> {
    for (let at = follower.position; at !== null && at < through; ) {
      await follower.reach(Math.min(at + STRETCH, through));
      const { position } = follower;
      at = position !== null && position > at ? position : null;
    }
  }

  async function open(): Promise<void> {
    if (options.through != null) await catchUp(options.through);
    if (isClosed) return;
    isOpen = true;
    stream.start();
  }

  open();
  return {
    get position() {
      return follower.position;
    },
    get leads() {
      return stream.leads;
    },
    wake,
    close() {
      isOpen = false;
      isClosed = true;
      clearTimeout(timer);
      follower.close();
      stream.close();
    },
  };
}

/** Does what a caller wants done. If that fails, it is reported like any error, and the stream goes on. */
async function attempt(act: () => unknown): Promise<void> {
  try {
    await act();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
