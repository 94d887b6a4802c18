/** Runs jobs one after the other. */
export class Queue {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs a job when all before it are done; answers what it does. */
  run<T>(job: () => T | Promise<T>): Promise<T> {
    const result = this.last.then(job);
    this.last = result.catch(() => {});
    return result;
  }
}
