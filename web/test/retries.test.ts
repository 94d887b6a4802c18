import { afterEach, expect, test, vi } from 'vitest';
import type { BoardDraft } from '../src/api/client';

// Browsers know where the page is from; here it must be said, before the client is made.
class LocalRequest extends Request {
  constructor(url: string, init?: RequestInit) {
    super(new URL(url, 'http://localhost'), init);
  }
}
vi.stubGlobal('Request', LocalRequest);
const { api } = await import('../src/api/client');

const draft = (name: string): BoardDraft => ({ name, rows: 2, cols: 2, dots: [] });

/** Answers with these one after the other, null being none; returns the keys that came. */
function server(...statuses: (number | null)[]): (string | null)[] {
  const keys: (string | null)[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    keys.push(request.headers.get('Idempotency-Key'));
    const status = statuses.shift();
    if (status == null) throw new TypeError('no answer');
    return new Response('{}', { status, headers: { 'Content-Type': 'application/json' } });
  });
  return keys;
}

afterEach(() => vi.unstubAllGlobals());

test('a request whose answer was lost keeps its key until it is answered', async () => {
  const keys = server(null, 502, 201, 201);
  await expect(api.createBoard(draft('one'))).rejects.toThrow();
  await expect(api.createBoard(draft('one'))).rejects.toThrow();
  await api.createBoard(draft('one'));
  await api.createBoard(draft('one'));
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(keys.slice(0, 3)).toEqual([keys[0], keys[0], keys[0]]);
  expect(keys[3]).not.toBe(keys[0]);
});

test('another request has another key', async () => {
  const keys = server(null, null, 422, 201);
  for (const name of ['one', 'two', 'two', 'two'])
    await api.createBoard(draft(name)).catch(() => {});
  expect(keys[2]).toBe(keys[1]);
  expect(new Set(keys).size).toBe(3);
});

test('a path goes out under the key of its line, however often', async () => {
  const keys = server(null, 201);
  await expect(api.createPath(1, [], 'k')).rejects.toThrow();
  await api.createPath(1, [], 'k');
  expect(keys).toEqual(['k', 'k']);
});
