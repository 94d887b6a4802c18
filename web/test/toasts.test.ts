import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { EventType, StreamEvent } from '../src/state/event';
import { memoryStorage } from './memory';

vi.useFakeTimers();
vi.stubGlobal('localStorage', memoryStorage());
vi.stubGlobal('addEventListener', () => {});
const { announce, dismiss, toasts, unannounceAfter } = await import('../src/state/toasts');
const { muted, want } = await import('../src/state/news');
const { user } = await import('../src/state/session');

let lastId = 0;

function event(username = 'ada', type: EventType = 'newPath', boardId = 1): StreamEvent {
  lastId += 1;
  return { id: lastId, type, boardId, boardName: `Board ${boardId}`, username };
}

const shown = () => toasts.value.map(({ event, count, more }) => [event.username, count, more]);

beforeEach(async () => {
  user.value = null;
  await vi.advanceTimersByTimeAsync(5000);
  toasts.value = [];
});

describe('toasts', () => {
  test('come at most once a second, with all that happened in it', async () => {
    announce([event()]);
    expect(shown()).toEqual([['ada', 1, 0]]);
    // Two hundred a second.
    for (let frame = 0; frame < 8 * 50; frame += 1) {
      announce([event('ada'), event('bob'), event('ada'), event('ada')]);
      await vi.advanceTimersByTimeAsync(20);
    }
    expect(toasts.value.length).toBeLessThanOrEqual(4);
    const [, count, more] = shown().at(-1) as [string, number, number];
    expect(count + more).toBe(200);
    expect(count).toBe(150);
  });

  test('are so many as there were seconds', async () => {
    let came = 0;
    const before = new Set<number>();
    const stop = toasts.subscribe((now) => {
      came += now.filter((it) => !before.has(it.id)).length;
      for (const { id } of now) before.add(id);
    });
    for (let time = 0; time < 8000; time += 5) {
      announce([event()]);
      await vi.advanceTimersByTimeAsync(5);
    }
    stop();
    // The first at once.
    expect(came).toBe(1 + 8);
  });

  test('that were pushed out do not come back', async () => {
    for (let board = 1; board <= 6; board += 1) {
      announce([event('ada', 'newPath', board)]);
      await vi.advanceTimersByTimeAsync(1000);
    }
    const boards = () => toasts.value.map((it) => it.event.boardId);
    expect(boards()).toEqual([3, 4, 5, 6]);
    for (const { id } of toasts.value) dismiss(id);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(boards()).toEqual([]);
  });

  test('tell of the newest, and how much more there was', async () => {
    announce([
      event('ada', 'newBoard', 1),
      event('ada', 'newBoard', 2),
      event('bob', 'newBoard', 3),
    ]);
    expect(shown()).toEqual([['bob', 1, 2]]);
  });

  test('count what is too much to remember', async () => {
    announce(Array.from({ length: 2000 }, () => event()));
    const [, count, more] = shown()[0] as [string, number, number];
    expect(count + more).toBe(2000);
  });

  test('tell nobody of what they did themselves, and wait until it is known who is here', async () => {
    user.value = undefined;
    announce([event('ada'), event('bob')]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(shown()).toEqual([]);
    user.value = { username: 'ada' } as never;
    expect(shown()).toEqual([['bob', 1, 0]]);
  });

  test('tell nothing of what is muted, not even how much it was', async () => {
    want('newPath', false);
    announce(Array.from({ length: 2000 }, () => event('ada', 'newPath')));
    announce([event('bob', 'newBoard')]);
    expect(shown()).toEqual([['bob', 1, 0]]);
    want('newPath', true);
    muted.choose(true);
    await vi.advanceTimersByTimeAsync(5000);
    announce([event('ada', 'newPath')]);
    muted.choose(null);
    await vi.advanceTimersByTimeAsync(5000);
    announce([event('ada', 'newPath', 2)]);
    expect(shown()).toEqual([
      ['bob', 1, 0],
      ['ada', 1, 0],
    ]);
  });

  test('of a log that has gone back go away', async () => {
    const [kept, gone] = [event(), event()];
    announce([kept]);
    await vi.advanceTimersByTimeAsync(1000);
    announce([gone]);
    unannounceAfter(kept.id);
    expect(toasts.value.map((it) => it.id)).toEqual([kept.id]);
  });
});
