import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A display in memory, for browsers that do not run without one. */
export class Display {
  private constructor(
    private readonly child: ChildProcess,
    readonly environment: { DISPLAY: string },
  ) {}

  /** Starts one with a number that is free. */
  static async start(): Promise<Display> {
    const options = ['-displayfd', '1', '-nolisten', 'tcp', '-screen', '0', '1280x1024x24'];
    const child = spawn('Xvfb', options, { stdio: ['ignore', 'pipe', 'ignore'] });
    const number = new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('error', reject);
      once(child, 'exit').then(() => reject(new Error('Xvfb does not start')), reject);
    });
    return new Display(child, { DISPLAY: `:${await number}` });
  }

  stop(): void {
    this.child.kill('SIGTERM');
  }
}
