import type * as stream from '@dotcast/stream';
import { signal } from '@preact/signals';

/** Nobody refuses what the page asks for: all events. */
export type Status = Exclude<stream.Status, 'refused'>;

/** How the event stream is doing; the same in all tabs. */
export const status = signal<Status>('connecting');

/** The last time that events were missing from the log and all that is shown was read again. */
export const lastReset = signal<{ reason: stream.Reset['reason']; at: number } | null>(null);
