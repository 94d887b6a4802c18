import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Endpoint } from '../src/endpoint.js';
import { type Report, Source } from '../src/source.js';
import { current, FakeStream, fakeBrowser, opened, realBrowser } from './browser.js';

let browser: ReturnType<typeof fakeBrowser>;

beforeEach(() => {
  browser = fakeBrowser();
});
afterEach(realBrowser);

function inWords(report: Report): string {
  switch (report.kind) {
    case 'status':
      return report.status;
    case 'at':
      return `${report.event ? 'event' : 'passed'} ${report.before} to ${report.id}`;
    case 'reset':
      return `${report.reset.reason} at ${report.reset.from}`;
    case 'bye':
      return `bye: ${report.reason}`;
  }
}

/** A source after event 7, and what it said. */
function setup(lastId: number | null = 7) {
  const said: string[] = [];
  const source = new Source(new Endpoint('', {}), lastId, (report) => {
    said.push(inWords(report));
  });
  return { source, said };
}

test('a stream that fails is opened anew after a pause', async () => {
  const { said } = setup();
  browser.server.status = 502;
  current().refuse();
  await vi.runAllTimersAsync();
  expect(opened.map((it) => it.url)).toEqual(Array(2).fill('/sse/notifications/?last_event_id=7'));
  expect(said).toEqual(['connecting', 'reconnecting']);
});

test('it is opened anew from the last event, not from the first', async () => {
  setup();
  current().open();
  current().cursor(7);
  current().path(9);
  current().refuse();
  await vi.runAllTimersAsync();
  expect(current().url).toBe('/sse/notifications/?last_event_id=9');
});

test.each([
  [401, 'signed-out'],
  [400, 'refused'],
])(
  'a stream that would be refused with %d again is not asked for again and again',
  async (status, says) => {
    const { source, said } = setup();
    browser.server.status = status;
    current().refuse();
    await vi.runAllTimersAsync();
    expect(opened.length).toBe(1);
    expect(said).toEqual(['connecting', 'reconnecting', says]);
    source.retryNow();
    expect(opened.length).toBe(2);
  },
);

test('a stream that says goodbye is over', async () => {
  const { said } = setup();
  current().open();
  current().send('bye', null, { reason: 'session_ended' });
  await vi.runAllTimersAsync();
  expect(opened.map((it) => it.readyState)).toEqual([FakeStream.CLOSED]);
  expect(said).toEqual(['connecting', 'live', 'bye: session_ended', 'signed-out']);
});

test('what a closed stream has still to say changes nothing', async () => {
  const { source, said } = setup();
  current().refuse();
  source.reopen();
  await vi.runAllTimersAsync();
  expect(opened.length).toBe(2);
  expect(said).toEqual(['connecting', 'reconnecting']);
});

describe('a cursor', () => {
  test('as it was asked for passes nothing over', () => {
    const { said } = setup();
    current().open();
    current().cursor(7);
    current().path(8);
    expect(said.slice(2)).toEqual(['passed 7 to 7', 'event 7 to 8']);
  });

  test('where none was asked for is the beginning', () => {
    const { said } = setup(null);
    current().open();
    current().cursor(5);
    expect(said.slice(2)).toEqual(['passed 5 to 5']);
  });

  test('of a filtered stream says what was passed over', () => {
    const { said } = setup();
    current().open();
    for (const id of [7, 30]) current().cursor(id);
    current().path(31);
    expect(said.slice(2)).toEqual(['passed 7 to 7', 'passed 7 to 30', 'event 30 to 31']);
  });

  test.each([
    ['expired', 20],
    ['ahead', 3],
  ])('other than it was asked for passes nothing over: %s', (reason, from) => {
    const { said } = setup();
    current().open();
    current().cursor(from);
    current().send('reset', null, { reason, requested_id: 7 });
    current().path(from + 1);
    expect(said.slice(2)).toEqual([`${reason} at ${from}`, `event ${from} to ${from + 1}`]);
  });
});
