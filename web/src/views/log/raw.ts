import { EVENT_TYPES, type EventType } from '@dotcast/stream';
import { Problem } from '../../api/problem';
import { pseudonymIn } from '../../state/erasure';

/** What came over the stream, as it came. */
export type Entry =
  | { kind: 'comment'; text: string }
  | { kind: 'event'; id: string | null; event: string; data: string; retry: string | null };

/** Takes a stream of Server-Sent Events apart; its bytes may be cut anywhere. */
export class Parser {
  // Bytes that are no UTF-8 become U+FFFD, as the standard wants it.
  private readonly decoder = new TextDecoder();
  private line = '';
  private afterCr = false;
  private fields: { name: string; value: string }[] = [];

  /** What these bytes complete. */
  push(bytes: Uint8Array): Entry[] {
    const entries: Entry[] = [];
    for (const char of this.decoder.decode(bytes, { stream: true })) {
      const secondHalfOfCrLf = char === '\n' && this.afterCr;
      this.afterCr = char === '\r';
      if (secondHalfOfCrLf) continue;
      if (char === '\n' || char === '\r') {
        const entry = this.endLine();
        if (entry) entries.push(entry);
      } else {
        this.line += char;
      }
    }
    return entries;
  }

  private endLine(): Entry | null {
    const line = this.line;
    this.line = '';
    if (line === '') return this.endBlock();
    const colon = line.indexOf(':');
    if (colon === 0) return { kind: 'comment', text: line.slice(1).replace(/^ /, '') };
    const name = colon < 0 ? line : line.slice(0, colon);
    this.fields.push({ name, value: colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '') });
    return null;
  }

  private endBlock(): Entry | null {
    const fields = this.fields;
    this.fields = [];
    if (fields.length === 0) return null;
    const last = (name: string) => fields.findLast((it) => it.name === name)?.value;
    const data = fields.filter((it) => it.name === 'data').map((it) => it.value);
    return {
      kind: 'event',
      id: last('id') ?? null,
      event: last('event') || 'message',
      data: data.join('\n'),
      retry: last('retry') ?? null,
    };
  }
}

/** Who did what an event tells: text without a quote, as names have none. */
const NAMES = /("(?:creator|user)_username":)"[^"]*"/g;

/** An event as the log has it now: with a pseudonym in place of a name that was erased. */
export function underPresentEntry(entry: Entry): Entry {
  if (entry.kind === 'comment') return entry;
  const pseudonym = pseudonymIn(Number(entry.id));
  if (pseudonym === undefined) return entry;
  return { ...entry, data: entry.data.replace(NAMES, `$1"${pseudonym}"`) };
}

/** What the reader of the log wants to see; empty fields ask for everything, from now on. */
export interface Filter {
  types: readonly EventType[];
  boardIds: string;
  since: string;
  after: string;
}

/** The address of the stream, without what its `Last-Event-ID` says. */
export function streamPath(filter: Filter): string {
  // All types are no filter: types that this page does not know come, too.
  const some = filter.types.length > 0 && filter.types.length < EVENT_TYPES.length;
  const types = some ? `types=${filter.types.join(',')}` : '';
  const boards = written('board_id', filter.boardIds);
  const all = [written('since', filter.since), types, boards].filter((it) => it !== '').join('&');
  return `/sse/notifications/${all && `?${all}`}`;
}

/** A parameter as people read it, and as a shell leaves it alone. Empty without a value. */
function written(name: string, value: string): string {
  const pair = new URLSearchParams({ [name]: value }).toString();
  return value && pair.replaceAll('%2C', ',').replaceAll('%3A', ':');
}

/** The command that shows the same in a terminal. */
export function curl(origin: string, filter: Filter): string {
  const resume = filter.after === '' ? '' : `-H 'Last-Event-ID: ${filter.after}' `;
  return `curl -N ${resume}'${origin}${streamPath(filter)}'`;
}

export type State = 'connecting' | 'open' | 'waiting' | 'refused';

/** The server's problem, or that it has ended a stream whose visitor is signed out by now. */
export type Refusal = Problem | 'session_ended';

export interface Listener {
  entries(entries: Entry[]): void;
  /** `why` it was refused. */
  state(state: State, why?: Refusal): void;
}

/**
 * Reads the stream until it is told to stop, and opens it again from the last id when it ends. `fetch` and not an
 * `EventSource`, which keeps comments, ids and answers other than 200 to itself.
 */
export async function follow(filter: Filter, listener: Listener, stop: AbortSignal): Promise<void> {
  let lastId = filter.after;
  let retry = 2000;
  while (!stop.aborted) {
    listener.state('connecting');
    try {
      const headers: Record<string, string> = { Accept: 'text/event-stream' };
      if (lastId !== '') headers['Last-Event-ID'] = lastId;
      const answer = await fetch(streamPath(filter), { headers, cache: 'no-store', signal: stop });
      if (!answer.ok || !answer.body) {
        listener.state('refused', await problemOf(answer));
        // A filter that the server refuses stays refused, and so does a visitor whom it does not know;
        // anything else may pass.
        if (answer.status === 400 || answer.status === 401) return;
      } else {
        listener.state('open');
        const parser = new Parser();
        let isOver = false;
        const reader = answer.body.getReader();
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          const entries = parser.push(part.value);
          for (const entry of entries) {
            isOver ||= entry.kind === 'event' && entry.event === 'bye';
            if (entry.kind !== 'event') continue;
            if (entry.id !== null) lastId = entry.id;
            if (entry.retry !== null && /^\d+$/.test(entry.retry)) retry = Number(entry.retry);
          }
          if (entries.length > 0) listener.entries(entries);
        }
        if (isOver) {
          listener.state('refused', 'session_ended');
          return;
        }
        listener.state('waiting');
      }
    } catch {
      if (stop.aborted) return;
      listener.state('waiting');
    }
    await pause(retry, stop);
  }
}

async function problemOf(answer: Response): Promise<Problem> {
  return Problem.fromAnswer(answer, await answer.json().catch(() => null));
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    stop.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
