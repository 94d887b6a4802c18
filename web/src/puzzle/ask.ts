import type { Dot } from '../api/client';
import type { Difficulty } from './generate';
import type { Puzzle, Verdict } from './solve';

export type Question =
  | { kind: 'solve'; puzzle: Puzzle }
  | {
      kind: 'generate';
      rows: number;
      cols: number;
      difficulty: Difficulty;
      colors: readonly string[];
    };

export type Answer = { kind: 'solve'; verdict: Verdict } | { kind: 'generate'; dots: Dot[] };

/** Asks a worker of its own, which ends with its answer, or when the signal says so; then there is none. */
export function ask<Q extends Question>(
  question: Q,
  signal: AbortSignal,
): Promise<Extract<Answer, { kind: Q['kind'] }>> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const answered = new Promise<Answer>((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => resolve(data));
    worker.addEventListener('error', () => reject(new Error('The puzzle worker does not run.')));
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  worker.postMessage(question);
  return answered.finally(() => worker.terminate()) as Promise<
    Extract<Answer, { kind: Q['kind'] }>
  >;
}
