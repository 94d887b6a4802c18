import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { keptCursor } from '../src/state/cursor';
import { memoryStorage } from './memory';

beforeEach(() => vi.stubGlobal('localStorage', memoryStorage()));
afterEach(() => vi.unstubAllGlobals());

describe('the kept cursor', () => {
  test('is nothing at first', () => {
    expect(keptCursor.read()).toBeNull();
  });

  test('advances, and never goes back by itself', () => {
    keptCursor.advance(0);
    expect(keptCursor.read()).toBe(0);
    keptCursor.advance(7);
    keptCursor.advance(5);
    expect(keptCursor.read()).toBe(7);
  });

  test('goes back with the log', () => {
    keptCursor.advance(7);
    keptCursor.goBack(3);
    expect(keptCursor.read()).toBe(3);
  });

  test.each(['', 'x', '"7"', '-1', '1.5', '1e300', 'null', '{}'])('is not %j', (text) => {
    localStorage.setItem('dotcast.cursor', text);
    expect(keptCursor.read()).toBeNull();
  });

  test('does without storage', () => {
    vi.stubGlobal('localStorage', undefined);
    keptCursor.advance(7);
    expect(keptCursor.read()).toBeNull();
  });
});
