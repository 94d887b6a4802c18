import type { EventData } from '@dotcast/stream';
import { signal } from '@preact/signals';

/**
 * Upper bound on the events whose pseudonyms are remembered. What is shown gets them at once; they are remembered for
 * answers that were asked for before, and for servers that have not heard of the erasure yet.
 */
const MOST = 20_000;

/** By the events of users whose names were erased, the newest erasure last. */
const pseudonyms = new Map<number, string>();

/** How many erasures were heard of: whoever shows names looks again when it changes. */
export const erasures = signal(0);

/** Takes it that a user's name is a pseudonym from now on, and that these events have it. */
export function nameErased({ pseudonym, event_ids }: EventData['userErased']): void {
  for (const id of event_ids) {
    pseudonyms.delete(id);
    pseudonyms.set(id, pseudonym);
  }
  for (const id of pseudonyms.keys()) {
    if (pseudonyms.size <= MOST) break;
    pseudonyms.delete(id);
  }
  erasures.value += 1;
}

/** The name in an event in place of the one that was erased; undefined if none was, as far as that is known. */
export const pseudonymIn = (eventId: number): string | undefined => pseudonyms.get(eventId);

/** An event with the name that it has now; the same object if that is the one it had. */
export function underPresentName<T extends { id: number; username: string }>(event: T): T {
  const username = pseudonymIn(event.id) ?? event.username;
  return username === event.username ? event : { ...event, username };
}

/** What somebody `read`s, read again if a name was erased meanwhile: it may still be in the answer. */
export async function withPresentNames<T>(read: () => Promise<T>): Promise<T> {
  const before = erasures.peek();
  const answer = await read();
  return before === erasures.peek() ? answer : withPresentNames(read);
}
