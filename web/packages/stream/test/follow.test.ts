import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type EventStream, follow, type Options } from '../src/index.js';
import { current, FakeStream, fakeBrowser, opened, realBrowser } from './browser.js';

let browser: ReturnType<typeof fakeBrowser>;

beforeEach(() => {
  browser = fakeBrowser();
});
afterEach(realBrowser);

/** Follows, and tells what it was told. */
function setup(options: Partial<Options> = {}): { stream: EventStream; told: string[] } {
  const told: string[] = [];
  const stream = follow({
    onEvent: ({ id, type }) => told.push(`${id} ${type}`),
    onPosition: (id) => told.push(`at ${id}`),
    onReset: ({ reason, from }) => {
      told.push(`${reason} ${from}`);
    },
    onBye: (reason) => told.push(`bye: ${reason}`),
    ...options,
  });
  return { stream, told };
}

/** Lets what is queued happen, and no time pass. */
const settled = () => vi.advanceTimersByTimeAsync(0);

test.each<[Partial<Options>, string]>([
  [{}, '/sse/notifications/'],
  [{ after: null }, '/sse/notifications/'],
  [{ after: 0 }, '/sse/notifications/?last_event_id=0'],
  [{ server: 'https://boards.example/' }, 'https://boards.example/sse/notifications/'],
  [{ server: new URL('https://a.example/b/') }, 'https://a.example/b/sse/notifications/'],
  [
    { board: 7, types: ['newPath', 'boardSolved'], after: 4 },
    '/sse/notifications/?types=newPath,boardSolved&board_id=7&last_event_id=4',
  ],
])('%j is the stream %s', (options, address) => {
  setup(options);
  expect(opened.map((it) => it.url)).toEqual([address]);
});

test('each event is told once, over cuts', async () => {
  const { told, stream } = setup();
  current().open();
  current().cursor(3);
  current().path(4);
  browser.server.status = 502;
  current().refuse();
  await vi.runAllTimersAsync();
  expect(current().url).toBe('/sse/notifications/?last_event_id=4');
  current().open();
  current().cursor(4);
  current().path(5);
  await settled();
  expect(told).toEqual(['at 3', '4 newPath', 'at 4', '5 newPath', 'at 5']);
  expect(stream.position).toBe(5);
});

test('what comes after a reset waits until it is dealt with', async () => {
  let read = () => {};
  const { told } = setup({ after: 7, onReset: () => new Promise((resolve) => (read = resolve)) });
  current().open();
  current().cursor(20);
  current().send('reset', null, { reason: 'expired' });
  current().path(21);
  await settled();
  expect(told).toEqual([]);
  read();
  await settled();
  expect(told).toEqual(['at 20', '21 newPath', 'at 21']);
});

test('a caller that fails is told of, and the stream goes on', async () => {
  const failed: unknown[] = [];
  vi.stubGlobal('queueMicrotask', (report: () => void) => {
    try {
      report();
    } catch (error) {
      failed.push((error as Error).message);
    }
  });
  const { told } = setup({
    after: 4,
    onEvent: ({ id }) => {
      throw new Error(`at ${id}`);
    },
    onReset: async () => {
      throw new Error('at reset');
    },
  });
  current().open();
  current().cursor(4);
  current().path(5);
  current().send('reset', null, { reason: 'restored' });
  current().path(6);
  await settled();
  expect(failed).toEqual(['at 5', 'at reset', 'at 6']);
  expect(told).toEqual(['at 5', 'at 5', 'at 6']);
});

test('a stream that has ended with its session is opened again when it is asked for', async () => {
  const states: string[] = [];
  const { stream, told } = setup({ after: 4, onStatus: (status) => states.push(status) });
  current().open();
  current().cursor(4);
  current().send('bye', null, { reason: 'session_ended' });
  await settled();
  expect(told).toEqual(['bye: session_ended']);
  expect(states).toEqual(['connecting', 'live', 'signed-out']);
  stream.wake();
  expect(opened.map((it) => it.url)).toEqual(Array(2).fill('/sse/notifications/?last_event_id=4'));
});

describe('what is long over', () => {
  test('is read from the log before the stream is opened', async () => {
    browser.server.log = [2, 3, 5, 8];
    const { told } = setup({ after: 2, through: 8, board: 1 });
    expect(opened).toEqual([]);
    await settled();
    expect(browser.asked).toEqual(
      [2, 5].map((after) => `/api/v1/events?board_id=1&after=${after}&limit=200`),
    );
    expect(told.filter((it) => it.includes('newPath'))).toEqual(
      [3, 5, 8].map((id) => `${id} newPath`),
    );
    expect(current().url).toBe('/sse/notifications/?board_id=1&last_event_id=8');
  });

  test('comes over the stream where the log cannot be read', async () => {
    browser.server.status = 503;
    setup({ after: 2, through: 8 });
    await settled();
    expect(current().url).toBe('/sse/notifications/?last_event_id=2');
  });
});

describe('a closed stream', () => {
  test('lets go of its connection, and tells nothing more', async () => {
    const { stream, told } = setup({ after: 4 });
    current().open();
    current().cursor(4);
    current().path(5);
    stream.close();
    await vi.runAllTimersAsync();
    expect(told).toEqual([]);
    expect(current().readyState).toBe(FakeStream.CLOSED);
    expect(stream.leads).toBe(false);
    stream.wake();
    document.dispatchEvent(new Event('visibilitychange'));
    expect(opened.length).toBe(1);
  });

  test('is not opened when the log has been read', async () => {
    browser.server.log = [3];
    const { stream } = setup({ after: 2, through: 3 });
    stream.close();
    await settled();
    expect(opened).toEqual([]);
  });
});
