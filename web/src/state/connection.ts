import { signal } from '@preact/signals';
import type { Reset } from '../stream/event';
import type { Status } from '../stream/source';

export type { Status };

/** How the event stream is doing; the same in all tabs. */
export const status = signal<Status>('connecting');

/** The last time that events were missing from the log and all that is shown was read again. */
export const lastReset = signal<{ reason: Reset['reason']; at: number } | null>(null);
