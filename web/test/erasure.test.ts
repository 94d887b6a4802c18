import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Board, LoggedEvent } from '../src/api/client';
import type { StreamEvent } from '../src/state/event';
import { memoryStorage } from './memory';

vi.useFakeTimers();
const storage = memoryStorage();
vi.stubGlobal('localStorage', storage);
vi.stubGlobal('addEventListener', () => {});

/** The modules as a tab has them that is opened now. */
async function tab() {
  vi.resetModules();
  const { user } = await import('../src/state/session');
  user.value = null;
  return {
    user,
    ...(await import('../src/state/erasure')),
    ...(await import('../src/state/event')),
    ...(await import('../src/state/activity')),
    ...(await import('../src/state/toasts')),
    ...(await import('../src/state/board')),
    ...(await import('../src/state/boards')),
    ...(await import('../src/state/renaming')),
    ...(await import('../src/views/log/raw')),
    ...(await import('../src/api/client')),
  };
}

const erased = (...event_ids: number[]) => ({ user_id: 7, pseudonym: 'erased-7', event_ids });

const made = (id: number, username: string): StreamEvent => ({
  id,
  type: 'newBoard',
  boardId: 1,
  boardName: 'Board',
  username,
});

const page = (before: number | null, ...items: LoggedEvent[]) => ({
  items,
  ...(before !== null && { next_before: before }),
  next_after: 0,
  trimmed_through: 0,
});

const logged = (id: number, creator_username: string) =>
  ({
    id,
    type: 'newBoard',
    data: { board_id: 1, board_name: 'Board', creator_username },
    created_at: '2026-11-01T12:00:00Z',
  }) as LoggedEvent;

beforeEach(() => storage.clear());

describe('a name that is erased', () => {
  test('goes from toasts, also from one that waits', async () => {
    const { announce, nameErased, renameToasts, toasts } = await tab();
    announce([made(1, 'ada')]);
    announce([made(2, 'ada'), made(3, 'bob')]);
    nameErased(erased(1, 2));
    renameToasts();
    await vi.advanceTimersByTimeAsync(1000);
    expect(toasts.value.map((it) => it.event.username)).toEqual(['erased-7', 'bob']);
    expect(JSON.stringify(toasts.value)).not.toContain('ada');
  });

  test('goes from the activity, and does not come back with an answer that was on its way', async () => {
    const { activity, api, loadOlder, nameErased, openActivity, renameActivity } = await tab();
    const list = vi.spyOn(api, 'listEventsBefore');
    list.mockResolvedValueOnce(page(2, logged(3, 'bob'), logged(2, 'ada')));
    openActivity();
    await vi.advanceTimersByTimeAsync(0);
    list.mockImplementationOnce(async () => {
      nameErased(erased(1, 2));
      renameActivity();
      return page(null, logged(1, 'ada'));
    });
    await loadOlder();
    const { items } = activity.value as Extract<typeof activity.value, { state: 'ready' }>;
    expect(items.map((it) => it.username)).toEqual(['bob', 'erased-7', 'erased-7']);
  });

  test('goes from an open board, whose version may still be the same', async () => {
    const { api, nameErased, open, openBoard, refresh } = await tab();
    const board = { id: 1, version: 1, dots: [], creator_username: 'ada' } as unknown as Board;
    const get = vi.spyOn(api, 'getBoard');
    get.mockResolvedValueOnce({ board, etag: '"1"', cursor: 1 });
    await open(1);
    const renamed = { ...board, creator_username: 'erased-7' };
    get.mockResolvedValueOnce({ board: renamed, etag: '"1"', cursor: 2 });
    nameErased(erased());
    await refresh();
    expect(openBoard.value).toMatchObject({ board: { creator_username: 'erased-7' } });

    // It was asked for before, and the answer is of before.
    get.mockImplementationOnce(async () => {
      nameErased(erased());
      return { board, etag: '"1"', cursor: 1 };
    });
    get.mockResolvedValueOnce({ board: renamed, etag: '"1"', cursor: 2 });
    await open(1);
    expect(openBoard.value).toMatchObject({ board: { creator_username: 'erased-7' } });
  });

  test('goes from the boards, also if the server is busy at first', async () => {
    const { api, boards, followErasure, loadBoards } = await tab();
    const page = (creator_username: string) => ({
      items: [{ id: 1, creator_username } as Board],
      next_before: null,
      next_page: null,
      cursor: 1,
    });
    const list = vi.spyOn(api, 'listBoards');
    list.mockResolvedValueOnce(page('ada'));
    await loadBoards();
    list.mockRejectedValueOnce(new Error('busy'));
    list.mockResolvedValueOnce(page('erased-7'));
    followErasure(erased());
    followErasure(erased());
    await vi.advanceTimersByTimeAsync(0);
    expect(list).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(5000);
    expect(boards.value).toMatchObject({ items: [{ creator_username: 'erased-7' }] });
    expect(list).toHaveBeenCalledTimes(3);
  });

  test('signs out whose name it was', async () => {
    const { followErasure, user } = await tab();
    for (const id of [8, 7]) {
      user.value = { id, username: 'ada', is_admin: false, created_at: '' };
      followErasure(erased());
      expect(user.value?.id).toBe(id === 8 ? 8 : undefined);
    }
  });

  test('goes from the raw log, where only names look like names', async () => {
    const { nameErased, underPresentEntry } = await tab();
    nameErased(erased(5));
    const entry = (id: string, creator: string) => ({
      kind: 'event' as const,
      id,
      event: 'newBoard',
      data: `{"board_id":9007199254740993,"board_name":"\\"user_username\\":\\"ada\\"","creator_username":"${creator}"}`,
      retry: null,
    });
    expect(underPresentEntry(entry('5', 'ada'))).toEqual(entry('5', 'erased-7'));
    expect(underPresentEntry(entry('6', 'ada'))).toEqual(entry('6', 'ada'));
    expect(underPresentEntry({ kind: 'comment', text: 'ada' })).toEqual({
      kind: 'comment',
      text: 'ada',
    });
  });

  test('is remembered for the newest events, and for no more than there is room for', async () => {
    const { nameErased, pseudonymIn } = await tab();
    for (let part = 0; part < 30; part += 1) {
      nameErased(erased(...Array.from({ length: 1000 }, (_, index) => part * 1000 + index)));
    }
    expect(pseudonymIn(9_999)).toBeUndefined();
    expect(pseudonymIn(10_000)).toBe('erased-7');
    expect(pseudonymIn(29_999)).toBe('erased-7');
  });
});
