import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { StreamEvent } from '../src/state/event';
import { memoryStorage } from './memory';

const storage = memoryStorage();
vi.stubGlobal('localStorage', storage);
vi.stubGlobal('addEventListener', () => {});

function event(id: number, username = 'ada'): StreamEvent {
  return { id, type: 'newPath', boardId: 1, boardName: 'Board', username };
}

const events = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => event(from + index));

/** The module as a tab has it that is opened now. */
async function tab() {
  vi.resetModules();
  return import('../src/state/unread');
}

beforeEach(() => storage.clear());

describe('what is unread', () => {
  test('is counted however much it is, and written once for many', async () => {
    const { countNews, unread } = await tab();
    countNews([], 10);
    const write = vi.spyOn(storage, 'setItem');
    countNews(events(11, 10_210), 10_210);
    expect(unread.value).toBe(10_200);
    expect(write).toHaveBeenCalledTimes(1);
    write.mockRestore();
  });

  test('is nothing that happened before the first visit', async () => {
    const { countNews, readThrough, unread } = await tab();
    expect(readThrough.value).toBeNull();
    countNews([], 10);
    expect([readThrough.value, unread.value]).toEqual([10, 0]);
    countNews(events(11, 12), 12);
    expect(unread.value).toBe(2);
  });

  test('is counted once by several tabs, and kept over reloads', async () => {
    const one = await tab();
    one.countNews([], 0);
    const two = await tab();
    one.countNews(events(1, 5), 5);
    two.countNews(events(1, 3), 3);
    two.countNews(events(4, 7), 7);
    expect(two.unread.value).toBe(7);
    expect((await tab()).unread.value).toBe(7);
  });

  test('is read by whoever looks, who hears how much it was', async () => {
    const { countNews, markRead, readThrough, unread } = await tab();
    countNews([], 0);
    countNews(events(1, 5), 5);
    expect(markRead()).toBe(5);
    expect([unread.value, readThrough.value]).toEqual([0, 5]);
    expect(markRead()).toBe(0);
  });

  test('is not what one did oneself', async () => {
    const { countNews, unread } = await tab();
    const { user } = await import('../src/state/session');
    user.value = { username: 'bob' } as never;
    countNews([], 0);
    countNews([event(1, 'bob'), event(2, 'ada')], 2);
    expect(unread.value).toBe(1);
  });

  test('is not what is muted, and is not told while everything is', async () => {
    const { countNews, unread } = await tab();
    const { muted, want } = await import('../src/state/news');
    want('newPath', false);
    countNews([], 0);
    countNews([event(1), { ...event(2), type: 'newBoard' }], 2);
    expect(unread.value).toBe(1);
    muted.choose(true);
    expect(unread.value).toBe(0);
    countNews([{ ...event(3), type: 'newBoard' }], 3);
    muted.choose(false);
    expect(unread.value).toBe(1);
  });

  test('of a log that has gone back is forgotten', async () => {
    const { countNews, uncountAfter, unread } = await tab();
    countNews([], 0);
    countNews(events(1, 9), 9);
    uncountAfter(4);
    expect(unread.value).toBe(0);
    countNews(events(5, 6), 6);
    expect(unread.value).toBe(2);
  });
});
