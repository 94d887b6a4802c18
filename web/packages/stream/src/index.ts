export { backoff } from './backoff.js';
export type { Filter } from './endpoint.js';
export {
  EVENT_TYPES,
  type EventData,
  type EventType,
  type Reset,
  type StreamEvent,
  toEvent,
} from './event.js';
export { type EventStream, follow, type Options } from './follow.js';
export { Queue } from './queue.js';
export type { Status } from './source.js';
