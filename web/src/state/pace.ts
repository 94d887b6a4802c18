/**
 * Runs `job` at the first call, then once for all calls that came meanwhile: never two at a time, and `pause`
 * milliseconds apart. The job deals with its own failures.
 */
export function paced(job: () => unknown, pause: number): () => void {
  let isBusy = false;
  let isAsked = false;
  const run = async () => {
    isBusy = true;
    isAsked = false;
    await job();
    setTimeout(() => {
      isBusy = false;
      if (isAsked) run();
    }, pause);
  };
  return () => {
    isAsked = true;
    if (!isBusy) run();
  };
}

/** Hidden pages have no frames; there a job runs at the latest after this time, in milliseconds. */
const LATEST = 200;

/** Runs `job` once for all calls of `soon` before the next frame, or at once by `now` if it is due. */
export function onceAFrame(job: () => void): { soon(): void; now(): void } {
  let due: { frame: number; timer: ReturnType<typeof setTimeout> } | null = null;
  const now = () => {
    if (!due) return;
    cancelAnimationFrame(due.frame);
    clearTimeout(due.timer);
    due = null;
    job();
  };
  const soon = () => {
    due ??= { frame: requestAnimationFrame(now), timer: setTimeout(now, LATEST) };
  };
  return { soon, now };
}
