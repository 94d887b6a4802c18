import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const TARGET = process.env.CARGO_TARGET_DIR ?? '../target';
const BIN = resolve(process.env.DOTCAST_BIN ?? `${TARGET}/debug/dotcast`);

/**
 * How browsers come to the server: on `local`host, which they trust without encryption; in `plain` HTTP under another
 * name, where they keep some of what they can do from the page; or over the server's own `tls` and HTTP/2.
 */
const WAY = (process.env.E2E_WAY ?? 'local') as 'local' | 'plain' | 'tls';
const TLS = WAY === 'tls';
const SCHEME = TLS ? 'https' : 'http';
/** A name that stands for this machine in the tests' browsers only. */
const NAME = 'dotcast.test';

/** A server of its own for a test, with its own database. */
export class Server {
  private readonly directory = mkdtempSync(join(tmpdir(), 'dotcast-e2e-'));
  private child: ChildProcess | undefined;
  private readonly log: string[] = [];

  private constructor(
    private address: string,
    private readonly options: string[],
  ) {}

  private get database(): string {
    return `sqlite://${join(this.directory, 'dotcast.db')}`;
  }

  /** Starts one, on a free port if no other is given. */
  static async start(address = '127.0.0.1:0', options: string[] = []): Promise<Server> {
    const server = new Server(address, options);
    await server.start();
    return server;
  }

  /** For the tests' own requests. */
  get url(): string {
    return `${SCHEME}://${this.address}`;
  }

  /** For browsers. */
  get origin(): string {
    return WAY === 'plain' ? this.url.replace('127.0.0.1', NAME) : this.url;
  }

  /** What WebDriver has to tell a browser so that it comes to {@link origin}: the server takes itself for a proxy. */
  get capabilities(): object {
    const proxy = { proxyType: 'manual', httpProxy: this.address };
    return { acceptInsecureCerts: TLS, ...(WAY === 'plain' && { proxy }) };
  }

  /** The same for Chromium's command line. */
  static readonly chromiumOptions = [`--host-resolver-rules=MAP ${NAME} 127.0.0.1`];

  /** Starts it (again), on the port that it had before. */
  async start(): Promise<void> {
    const child = spawn(
      BIN,
      [
        ...['serve', '--listen', this.address, '--database-url', this.database, '--retry', '100ms'],
        ...this.options,
        ...(TLS ? this.certificate() : []),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, RUST_LOG: 'info' } },
    );
    this.child = child;
    createInterface({ input: child.stderr }).on('line', (line) => this.log.push(line));
    for await (const line of createInterface({ input: child.stdout })) {
      const address = / listens on https?:\/\/(\S+)$/.exec(line)?.[1];
      if (!address) continue;
      this.address = address;
      // Nobody reads on, and the pipe must not fill up.
      child.stdout.resume();
      return;
    }
    throw new Error(`the server did not start:\n${this.log.join('\n')}`);
  }

  /** Options for a certificate that nobody vouches for; the tests' clients take any. */
  private certificate(): string[] {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(this.directory, name));
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', key as string, '-out', cert as string];
    execFileSync('openssl', ['req', '-x509', ...kind, '-subj', '/CN=localhost', ...files], {
      stdio: 'ignore',
    });
    return ['--tls-key', key as string, '--tls-cert', cert as string];
  }

  /** Stops it as an operator does. */
  async stop(): Promise<void> {
    if (!this.child || this.child.exitCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await gone;
  }

  /** Deletes the log up to now, as retention does. */
  async trim(): Promise<void> {
    await this.run('trim', '--older-than', '1ms');
  }

  /** Runs an operator's command beside it. */
  async run(...args: string[]): Promise<void> {
    await promisify(execFile)(BIN, [...args, '--database-url', this.database]);
  }

  /** Stops it and loses all that it knows, as a restored backup of long ago does. */
  async lose(): Promise<void> {
    await this.stop();
    for (const file of readdirSync(this.directory)) rmSync(join(this.directory, file));
  }

  /** Stops it for good. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true });
  }

  /** How many event streams have been opened so far. */
  streams(): number {
    return this.log.filter((line) => / answered .*path="\/sse\/notifications\/"/.test(line)).length;
  }
}
