import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Source, type Status } from '../src/stream/source';

/** The streams that were opened, each driven by the test. */
let opened: FakeStream[] = [];

class FakeStream extends EventTarget {
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  readyState = 0;
  onopen = () => {};
  onerror = () => {};

  constructor(readonly url: string) {
    super();
    opened.push(this);
  }

  close(): void {
    this.readyState = FakeStream.CLOSED;
  }

  /** The answer is no stream: by the standard it is not asked for again. */
  refuse(): void {
    this.readyState = FakeStream.CLOSED;
    this.onerror();
  }
}

function setup(isRefused: boolean) {
  const said: Status[] = [];
  const source = new Source(7, {
    status: (status) => said.push(status),
    opened: () => {},
    event: () => {},
    reset: () => {},
    isRefused: async () => isRefused,
  });
  return { source, said };
}

beforeEach(() => {
  opened = [];
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', FakeStream);
  vi.stubGlobal('navigator', { onLine: true });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a stream that fails is opened anew after a pause', async () => {
  const { said } = setup(false);
  opened[0]?.refuse();
  await vi.runAllTimersAsync();
  expect(opened.map((it) => it.url)).toEqual(Array(2).fill('/sse/notifications/?last_event_id=7'));
  expect(said).toEqual(['connecting', 'reconnecting']);
});

test('a stream that needs a session is not asked for again and again', async () => {
  const { source, said } = setup(true);
  opened[0]?.refuse();
  await vi.runAllTimersAsync();
  expect(opened.length).toBe(1);
  expect(said).toEqual(['connecting', 'reconnecting', 'signed-out']);
  source.retryNow();
  expect(opened.length).toBe(2);
});

test('a stream that says goodbye is over', async () => {
  const { said } = setup(true);
  opened[0]?.onopen();
  opened[0]?.dispatchEvent(new Event('bye'));
  await vi.runAllTimersAsync();
  expect(opened.map((it) => it.readyState)).toEqual([FakeStream.CLOSED]);
  expect(said).toEqual(['connecting', 'live', 'signed-out']);
});

test('what a closed stream has still to say changes nothing', async () => {
  const { source, said } = setup(true);
  opened[0]?.refuse();
  source.reopen();
  await vi.runAllTimersAsync();
  expect(opened.length).toBe(2);
  expect(said).toEqual(['connecting', 'reconnecting']);
});
