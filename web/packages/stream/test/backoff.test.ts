import { expect, test } from 'vitest';
import { backoff } from '../src/backoff.js';

test('waits twice as long each time, up to half a minute', () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 100].map((failures) => backoff(failures, 1));
  expect(longest).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test('half of the time is random, and a second the least', () => {
  expect(backoff(0, 0)).toBe(1000);
  expect(backoff(3, 0)).toBe(4000);
  expect(backoff(3, 0.5)).toBe(6000);
});
