import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { forgetPaint, paintSoon } from '../src/ui/grid/paint';

let now = 0;
let frames: (() => void)[] = [];
let painted: string[] = [];

beforeEach(() => {
  [now, frames, painted] = [0, [], []];
  vi.stubGlobal('requestAnimationFrame', (work: () => void) => frames.push(work));
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Runs the next frame; whether there was one. */
function frame(): boolean {
  const work = frames.shift();
  work?.();
  return work !== undefined;
}

/** A picture in so many slices, of which each takes 4 ms. */
function picture(name: string, slices: number) {
  return function* () {
    for (let slice = 1; slice <= slices; slice += 1) {
      now += 4;
      painted.push(`${name}${slice}`);
      yield;
    }
  };
}

it('spreads a picture over frames, and goes on with the next one', () => {
  paintSoon(picture('a', 5));
  paintSoon(picture('b', 1));
  const seen: string[][] = [];
  while (frame()) seen.push(painted.splice(0));
  expect(seen.slice(0, 3)).toEqual([
    ['a1', 'a2'],
    ['a3', 'a4'],
    ['a5', 'b1'],
  ]);
  expect(frames).toHaveLength(0);
});

it('paints anew what was asked for again, and not at all what has gone', () => {
  const [a, b] = [picture('a', 3), picture('b', 3)];
  paintSoon(a);
  paintSoon(b);
  frame();
  paintSoon(a);
  forgetPaint(b);
  while (frame());
  expect(painted).toEqual(['a1', 'a2', 'a1', 'a2', 'a3']);
});

it('goes on after a picture that fails', () => {
  paintSoon(function* () {
    yield;
    throw new Error('no canvas');
  });
  paintSoon(picture('a', 1));
  expect(frame).toThrow('no canvas');
  while (frame());
  expect(painted).toEqual(['a1']);
});
