import { describe, expect, test } from 'vitest';
import type { Reset, StreamEvent } from '../src/stream/event';
import { Follower } from '../src/stream/follower';
import { Queue } from '../src/stream/queue';

function event(id: number): StreamEvent {
  return { id, type: 'newPath', boardId: 1, boardName: 'Board', username: 'ada' };
}

/** A follower, the log that it reads, and what it did. */
function setup(after: number | null, log: number[] = []) {
  const did: string[] = [];
  const state = { log, trimmed: 0, pageSize: 2, fails: false, lost: [] as number[] };
  const queue = new Queue();
  const follower = new Follower({
    after,
    queue,
    apply: ({ id }) => did.push(`apply ${id}`),
    moved: (id, reset?: Reset) => did.push(`${reset?.reason ?? 'at'} ${id}`),
    reset: async ({ reason }) => {
      did.push(`read again: ${reason}`);
    },
    fellBehind: () => did.push('behind'),
    readLog: async (from) => {
      did.push(`read ${from}`);
      if (state.fails) throw new Error('no answer');
      const lost = state.lost.includes(from);
      const start = lost ? (state.lost[0] as number) - 1 : from;
      const ids = state.log.filter((id) => id > start).slice(0, state.pageSize);
      return {
        items: ids.map((id) => ({
          id,
          uuid: '',
          // The client's types name all that the document does not list by one name.
          type: id % 10 === 0 ? ('somethingNew' as 'OtherEvent') : 'newPath',
          board_id: 1,
          data: { path_id: 1, board_id: 1, board_name: 'Board', user_username: 'ada' },
          created_at: '',
        })),
        next_after: ids.at(-1) ?? start,
        trimmed_through: state.trimmed,
        ...(lost && { reset: 'restored' }),
      };
    },
  });
  const applied = () => did.filter((it) => it.startsWith('apply')).map((it) => Number(it.slice(6)));
  return { follower, did, state, queue, applied };
}

describe('events', () => {
  test('are applied once and in order', async () => {
    const { follower, did } = setup(4);
    await follower.take(event(5), 4);
    await follower.take(event(7), 5);
    await follower.take(event(5), 4);
    await follower.take(event(7), 5);
    expect(did).toEqual(['apply 5', 'at 5', 'apply 7', 'at 7']);
    expect(follower.position).toBe(7);
  });

  test('that the page knows from before are not applied', async () => {
    const { follower, applied } = setup(9);
    await follower.take(event(8), 7);
    expect(applied()).toEqual([]);
  });

  test('that were not heard of are read from the log first, page by page', async () => {
    const { follower, applied, did } = setup(4, [5, 6, 7, 8, 9]);
    await follower.take(event(9), 8);
    expect(applied()).toEqual([5, 6, 7, 8, 9]);
    expect(did.filter((it) => it.startsWith('read'))).toEqual(['read 4', 'read 6']);
  });

  test('that the log has by now, too, are applied once', async () => {
    const { follower, applied } = setup(4, [5, 6, 7]);
    await Promise.all([follower.take(event(6), 5), follower.take(event(7), 6)]);
    expect(applied()).toEqual([5, 6, 7]);
  });

  test('of types that the page does not know are passed over', async () => {
    const { follower, applied } = setup(8, [9, 10, 11]);
    await follower.reach(11);
    expect(applied()).toEqual([9, 11]);
  });

  test('wait for what runs before them', async () => {
    const { follower, queue, did } = setup(4);
    const list = queue.run(async () => {
      await new Promise((resolve) => setTimeout(resolve));
      did.push('list');
    });
    await Promise.all([follower.take(event(5), 4), list]);
    expect(did[0]).toBe('list');
  });
});

describe('a gap', () => {
  test('that cannot be read is left for later, and nothing after it applied', async () => {
    const { follower, applied, state, did } = setup(4, [5, 6]);
    state.fails = true;
    await follower.take(event(6), 5);
    expect(applied()).toEqual([]);
    expect(did).toContain('behind');
    state.fails = false;
    await follower.reach(6);
    expect(applied()).toEqual([5, 6]);
  });

  test('that the log does not show yet is left for later', async () => {
    const { follower, applied, did, state } = setup(4, [5]);
    await follower.reach(6);
    expect(applied()).toEqual([5]);
    expect(did.at(-1)).toBe('behind');
    state.log.push(6);
    await follower.reach(6);
    expect(applied()).toEqual([5, 6]);
  });

  test('that retention has emptied makes the page read again what it shows, once', async () => {
    const { follower, applied, state, did } = setup(4, [20, 21]);
    state.trimmed = 18;
    await follower.take(event(21), 20);
    expect(did.slice(0, 3)).toEqual(['read 4', 'expired 18', 'read again: expired']);
    expect(did.filter((it) => it.startsWith('read again'))).toHaveLength(1);
    expect(applied()).toEqual([21]);
  });

  test('that a restore took away make the page read again, and go on from before them', async () => {
    const { follower, applied, state, did } = setup(6, [4, 11]);
    state.lost = [5, 6, 7, 8];
    await follower.take(event(12), 11);
    expect(did.slice(0, 3)).toEqual(['read 6', 'restored 10', 'read again: restored']);
    expect(applied()).toEqual([11, 12]);
  });
});

describe('without a cursor', () => {
  test('the stream begins where it is', async () => {
    const { follower, did } = setup(null);
    await follower.reach(7);
    expect(follower.position).toBe(7);
    await follower.take(event(8), 7);
    expect(did).toEqual(['at 7', 'apply 8', 'at 8']);
  });
});

describe('a reset', () => {
  test('makes the page read again before events go on', async () => {
    const { follower, did } = setup(4);
    await Promise.all([
      follower.restart({ reason: 'expired', from: 19 }),
      follower.take(event(20), 19),
    ]);
    expect(did).toEqual(['expired 19', 'read again: expired', 'apply 20', 'at 20']);
  });

  test('may go back', async () => {
    const { follower, applied } = setup(40);
    await follower.restart({ reason: 'ahead', from: 3 });
    await follower.take(event(4), 3);
    expect(applied()).toEqual([4]);
    expect(follower.position).toBe(4);
  });
});
