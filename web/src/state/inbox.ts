import { Queue } from '@dotcast/stream';

/**
 * Events, and reading what they act on, one after the other: an event that comes while a list is read
 * is applied to that list.
 */
export const inbox = new Queue();
