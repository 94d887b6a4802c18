import { describe, expect, test } from 'vitest';
import type { StreamEvent } from '../src/event.js';
import { Follower } from '../src/follower.js';
import { Queue } from '../src/queue.js';

const DATA = { path_id: 1, board_id: 1, board_name: 'Board', user_username: 'ada' };

function event(id: number): StreamEvent {
  return { id, type: 'newPath', data: DATA };
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
    moved: (id) => did.push(`at ${id}`),
    reset: async ({ reason, from }) => {
      did.push(`${reason} ${from}`);
      await new Promise((resolve) => setTimeout(resolve));
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
          type: id % 10 === 0 ? 'somethingNew' : 'newPath',
          data: DATA,
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
    await follower.take(5, 4, event(5));
    await follower.take(7, 5, event(7));
    await follower.take(5, 4, event(5));
    await follower.take(7, 5, event(7));
    expect(did).toEqual(['apply 5', 'at 5', 'apply 7', 'at 7']);
    expect(follower.position).toBe(7);
  });

  test('that are known from before are not applied', async () => {
    const { follower, applied } = setup(9);
    await follower.take(8, 7, event(8));
    expect(applied()).toEqual([]);
  });

  test('that were not heard of are read from the log first, page by page', async () => {
    const { follower, applied, did } = setup(4, [5, 6, 7, 8, 9]);
    await follower.take(9, 8, event(9));
    expect(applied()).toEqual([5, 6, 7, 8, 9]);
    expect(did.filter((it) => it.startsWith('read'))).toEqual(['read 4', 'read 6']);
  });

  test('that the log has by now, too, are applied once', async () => {
    const { follower, applied } = setup(4, [5, 6, 7]);
    await Promise.all([follower.take(6, 5, event(6)), follower.take(7, 6, event(7))]);
    expect(applied()).toEqual([5, 6, 7]);
  });

  test('of types that are not known are passed over', async () => {
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
    await Promise.all([follower.take(5, 4, event(5)), list]);
    expect(did[0]).toBe('list');
  });
});

describe('a gap', () => {
  test('that cannot be read is left for later, and nothing after it applied', async () => {
    const { follower, applied, state, did } = setup(4, [5, 6]);
    state.fails = true;
    await follower.take(6, 5, event(6));
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

  test('that retention has emptied is a reset, once', async () => {
    const { follower, applied, state, did } = setup(4, [20, 21]);
    state.trimmed = 18;
    await follower.take(21, 20, event(21));
    expect(did.slice(0, 3)).toEqual(['read 4', 'expired 18', 'read again: expired']);
    expect(did.filter((it) => it.startsWith('read again'))).toHaveLength(1);
    expect(applied()).toEqual([21]);
  });

  test('that a restore took away is a reset, and goes on from before what took its place', async () => {
    const { follower, applied, state, did } = setup(6, [4, 11]);
    state.lost = [5, 6, 7, 8];
    await follower.take(12, 11, event(12));
    expect(did.slice(0, 3)).toEqual(['read 6', 'restored 10', 'read again: restored']);
    expect(applied()).toEqual([11, 12]);
  });
});

describe('that nothing has happened', () => {
  test('takes no reading, where what was before is known', async () => {
    const { follower, did } = setup(4);
    await follower.take(9, 4);
    await follower.take(12, 9, event(12));
    expect(did).toEqual(['at 9', 'apply 12', 'at 12']);
  });

  test('is not taken for what was before', async () => {
    const { follower, applied, did } = setup(4, [5, 7]);
    await follower.take(9, 7);
    expect(applied()).toEqual([5, 7]);
    expect(did.at(-1)).toBe('at 9');
  });
});

describe('a follower that is closed', () => {
  test('does nothing more, whatever it is doing', async () => {
    const { follower, did } = setup(4, [5, 6]);
    const taken = follower.take(7, 6, event(7));
    const reset = follower.restart({ reason: 'expired', from: 9 });
    // The log is being read.
    await Promise.resolve();
    await Promise.resolve();
    follower.close();
    await Promise.all([taken, reset]);
    expect(did).toEqual(['read 4']);
  });
});

describe('without a cursor', () => {
  test('the stream begins where it is', async () => {
    const { follower, did } = setup(null);
    await follower.take(7, 7);
    expect(follower.position).toBe(7);
    await follower.take(8, 7, event(8));
    expect(did).toEqual(['at 7', 'apply 8', 'at 8']);
  });
});

describe('a reset', () => {
  test('is dealt with before events go on', async () => {
    const { follower, did } = setup(4);
    await Promise.all([
      follower.restart({ reason: 'expired', from: 19 }),
      follower.take(20, 19, event(20)),
    ]);
    expect(did).toEqual(['expired 19', 'read again: expired', 'at 19', 'apply 20', 'at 20']);
  });

  test('may go back', async () => {
    const { follower, applied } = setup(40);
    await follower.restart({ reason: 'ahead', from: 3 });
    await follower.take(4, 3, event(4));
    expect(applied()).toEqual([4]);
    expect(follower.position).toBe(4);
  });
});
