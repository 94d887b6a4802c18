const FIRST = 1_000;
const LONGEST = 30_000;

/**
 * How long to wait before the next attempt, in milliseconds, after so many that failed: twice as
 * long each time. Half of it is random, so that many clients do not come back in one instant.
 */
export function backoff(failures: number, random = Math.random()): number {
  const longest = Math.min(LONGEST, FIRST * 2 ** failures);
  return Math.max(FIRST, longest * (0.5 + random / 2));
}
