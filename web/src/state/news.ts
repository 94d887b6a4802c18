import { oneOf, Setting } from '../setting';
import type { EventType, StreamEvent } from './event';
import { isMine } from './session';

/** Whether one wants to be told of nothing at all. */
export const muted = new Setting<boolean>('dotcast.muted', oneOf(true, false), () => false);

/**
 * The types of events of which one does not want to be told. Not those of which one does: types that come with a later
 * version shall be told.
 */
export const mutedTypes = new Setting<readonly string[]>(
  'dotcast.mutedTypes',
  (value): value is string[] => Array.isArray(value) && value.every((it) => typeof it === 'string'),
  () => [],
);

/** Says whether one wants to be told of events of a type. */
export function want(type: EventType, isWanted: boolean): void {
  const others = mutedTypes.value.filter((it) => it !== type);
  mutedTypes.choose(isWanted ? others : [...others, type]);
}

/** Whether one wants to be told of such events. */
export function isWanted({ type }: StreamEvent): boolean {
  return !muted.value && !mutedTypes.value.includes(type);
}

/** Whether one is told of it, by a toast, a count or the browser: others did it, and one wants to hear of it. */
export function isNews(event: StreamEvent): boolean {
  return isWanted(event) && !isMine(event);
}
