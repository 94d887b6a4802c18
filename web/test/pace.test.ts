import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { onceAFrame, paced } from '../src/state/pace';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe('a paced job', () => {
  test('runs at once, and then once for all calls that came meanwhile', async () => {
    const job = vi.fn();
    const run = paced(job, 100);
    run();
    expect(job).toHaveBeenCalledTimes(1);
    for (let call = 0; call < 10; call += 1) run();
    await vi.advanceTimersByTimeAsync(99);
    expect(job).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(job).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(job).toHaveBeenCalledTimes(2);
  });

  test('never runs twice at a time', async () => {
    let finish = () => {};
    const job = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
    const run = paced(job, 100);
    run();
    run();
    await vi.advanceTimersByTimeAsync(1000);
    expect(job).toHaveBeenCalledTimes(1);
    finish();
    await vi.advanceTimersByTimeAsync(100);
    expect(job).toHaveBeenCalledTimes(2);
  });
});

describe('once a frame', () => {
  function setup() {
    let frame: (() => void) | null = null;
    vi.stubGlobal('requestAnimationFrame', (callback: () => void) => {
      frame = callback;
      return 1;
    });
    vi.stubGlobal('cancelAnimationFrame', () => {
      frame = null;
    });
    const job = vi.fn();
    return { job, paint: () => frame?.(), ...onceAFrame(job) };
  }

  test('a job runs for all that asked', () => {
    const { job, paint, soon } = setup();
    for (let call = 0; call < 200; call += 1) soon();
    expect(job).not.toHaveBeenCalled();
    paint();
    vi.advanceTimersByTime(1000);
    expect(job).toHaveBeenCalledTimes(1);
  });

  test('it runs without frames, too, as in a hidden page', () => {
    const { job, soon } = setup();
    soon();
    vi.advanceTimersByTime(200);
    expect(job).toHaveBeenCalledTimes(1);
  });

  test('it runs at once if it is due and must', () => {
    const { job, now, soon } = setup();
    now();
    expect(job).not.toHaveBeenCalled();
    soon();
    now();
    vi.advanceTimersByTime(1000);
    expect(job).toHaveBeenCalledTimes(1);
  });
});
