import { beforeEach, expect, test, vi } from 'vitest';
import type { StreamEvent } from '../src/state/event';

vi.useFakeTimers();

/** The boards of each request, and how many paths there are on every board. */
const server = { asked: [] as number[][], paths: 1 };

vi.mock('../src/api/client', () => ({
  MOST_BOARDS: 50,
  sessionExpired: { subscribe() {} },
  api: {
    async listPathsOnBoards(ids: number[]) {
      server.asked.push(ids);
      return ids.flatMap((board_id) =>
        Array.from({ length: server.paths }, (_, id) => ({ id, board_id, cells: [] })),
      );
    },
  },
}));
vi.mock('../src/storage', () => ({ keep() {}, onKeptElsewhere() {} }));

async function setup(username: string | null) {
  vi.resetModules();
  server.asked = [];
  server.paths = 1;
  const { user } = await import('../src/state/session');
  user.value = username ? { id: 1, username, is_admin: false, created_at: '' } : null;
  const page = await import('../src/state/progress');
  return { ...page, user, count: (id: number) => page.ownPaths(id).value.length };
}

const newPath = (boardId: number, username: string): StreamEvent => ({
  id: 1,
  type: 'newPath',
  boardId,
  boardName: '',
  username,
});
const later = () => vi.advanceTimersByTimeAsync(1000);

beforeEach(() => {
  vi.clearAllTimers();
});

test("one's paths are read together, once for each board", async () => {
  const { wantPaths, count } = await setup('ada');
  for (let id = 1; id <= 60; id += 1) wantPaths(id);
  await later();
  for (let id = 1; id <= 60; id += 1) wantPaths(id);
  await later();
  expect(server.asked.flat()).toHaveLength(60);
  expect(server.asked.length).toBeLessThanOrEqual(3);
  expect(count(60)).toBe(1);
});

test("only one's own events have them read again, and only for boards that were seen", async () => {
  const { wantPaths, applyToProgress, count } = await setup('ada');
  wantPaths(1);
  await later();
  server.paths = 2;
  applyToProgress([newPath(1, 'bob'), newPath(2, 'ada')]);
  await later();
  expect(server.asked).toHaveLength(1);
  applyToProgress(Array.from({ length: 100 }, () => newPath(1, 'ada')));
  await later();
  expect(server.asked.length).toBeLessThanOrEqual(3);
  expect(count(1)).toBe(2);
});

test('boards that were seen before it was known who is here have them, too', async () => {
  const { wantPaths, count, user } = await setup(null);
  user.value = undefined;
  wantPaths(1);
  await later();
  expect(server.asked).toEqual([]);
  user.value = { id: 1, username: 'ada', is_admin: false, created_at: '' };
  await later();
  expect(count(1)).toBe(1);
});

test('guests have none, and nobody keeps those of somebody else', async () => {
  const { wantPaths, forgetPaths, count, user } = await setup(null);
  wantPaths(1);
  await later();
  expect(server.asked).toEqual([]);
  user.value = { id: 1, username: 'ada', is_admin: false, created_at: '' };
  wantPaths(1);
  await later();
  expect(count(1)).toBe(1);
  user.value = null;
  forgetPaths();
  expect(count(1)).toBe(0);
});
