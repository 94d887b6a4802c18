import { vi } from 'vitest';

/** The streams that were opened, each driven by the test. */
export const opened: FakeStream[] = [];

/** A native `EventSource`, whose messages and failures a test brings about. */
export class FakeStream extends EventTarget {
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  readyState = 0;
  onopen = () => {};
  onerror = () => {};

  constructor(readonly url: string) {
    super();
    opened.push(this);
  }

  close(): void {
    this.readyState = FakeStream.CLOSED;
  }

  open(): void {
    this.readyState = FakeStream.OPEN;
    this.onopen();
  }

  /** The answer is no stream: by the standard it is not asked for again. */
  refuse(): void {
    this.readyState = FakeStream.CLOSED;
    this.onerror();
  }

  send(type: string, id: number | null, data: unknown): void {
    const message = { data: JSON.stringify(data), lastEventId: String(id ?? '') };
    if (this.readyState !== FakeStream.CLOSED) {
      this.dispatchEvent(new MessageEvent(type, message));
    }
  }

  cursor(id: number): void {
    this.send('cursor', id, { id });
  }

  path(id: number): void {
    const data = { path_id: id, board_id: 1, board_name: 'Board', user_username: 'ada' };
    this.send('newPath', id, data);
  }
}

/** The stream that was opened last. */
export function current(): FakeStream {
  return opened.at(-1) as FakeStream;
}

/** What a page has, and a server that answers everything with this status, and a log with what follows. */
export function fakeBrowser(): { asked: string[]; server: { status: number; log: number[] } } {
  opened.length = 0;
  const asked: string[] = [];
  const server = { status: 200, log: [] as number[] };
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', FakeStream);
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }));
  vi.stubGlobal('BroadcastChannel', undefined);
  vi.stubGlobal('fetch', async (address: string) => {
    asked.push(address);
    const after = Number(new URL(address, 'http://here').searchParams.get('after'));
    const ids = server.log.filter((id) => id > after).slice(0, 2);
    const body = {
      items: ids.map((id) => ({ id, type: 'newPath', data: {} })),
      next_after: ids.at(-1) ?? after,
      trimmed_through: 0,
    };
    return new Response(JSON.stringify(body), { status: server.status });
  });
  return { asked, server };
}

export function realBrowser(): void {
  vi.useRealTimers();
  vi.unstubAllGlobals();
}
