import createClient from 'openapi-fetch';
import { Problem } from './problem';
import type { components, paths } from './schema';

type Schemas = components['schemas'];
export type Board = Schemas['Board'];
export type BoardDraft = Schemas['NewBoard'];
export type Cell = Schemas['Cell'];
export type Dot = Schemas['Dot'];
export type Path = Schemas['Path'];
export type User = Schemas['User'];
/** An event of the log, as `GET /api/v1/events` lists it. */
export type LoggedEvent = Schemas['Event'];

export interface Credentials {
  username: string;
  password: string;
}

/** After so long without an answer a request has failed. */
const TIMEOUT = 15_000;

/** The most items that a page of a list can have. */
export const LONGEST_PAGE = 200;

/** The most boards whose paths can be asked for at once. */
export const MOST_BOARDS = 50;

/** Goes on when the page is left meanwhile. */
const LASTING = { keepalive: true } as const;

/** For parts of the API that most visits do without. */
export const http = createClient<paths>({
  // Answers carry a cursor for the stream, which must not be older than the request.
  cache: 'no-store',
  fetch: (request) => fetch(request, { signal: AbortSignal.timeout(TIMEOUT) }),
});

const listeners = new Set<() => void>();

/** The server did not know who asks, though that was needed. */
export const sessionExpired = {
  /** Calls `listener` each time; returns how to stop that. */
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer, or the problem thrown. */
async function answer<T>(request: Promise<Answer<T>>): Promise<{ data: T; headers: Headers }> {
  let got: Answer<T>;
  try {
    got = await request;
  } catch {
    throw Problem.own('no_answer');
  }
  const { data, error, response } = got;
  if (!response.ok) throw Problem.fromAnswer(response, error);
  return { data: data as T, headers: response.headers };
}

/** Like {@link answer}, for what only those may do who are signed in. */
export async function answerToUser<T>(request: Promise<Answer<T>>) {
  try {
    return await answer(request);
  } catch (error) {
    if (isUnknownCaller(error)) for (const listener of listeners) listener();
    throw error;
  }
}

/** A request for a board that had no answer: it may have arrived. */
let unanswered: { request: string; key: string } | null = null;

/**
 * Sends a request that makes a board. When there was no answer and the same is asked for again, it goes out under the
 * same key, so that it makes nothing twice.
 */
async function make<T>(
  what: BoardDraft,
  send: (header: { 'Idempotency-Key': string }) => Promise<Answer<T>>,
): Promise<T> {
  const request = JSON.stringify(what);
  const key = unanswered?.request === request ? unanswered.key : newKey();
  unanswered = { request, key };
  try {
    const { data } = await answerToUser(send({ 'Idempotency-Key': key }));
    unanswered = null;
    return data;
  } catch (error) {
    const isAnswered = error instanceof Problem && error.status > 0 && error.status < 500;
    if (isAnswered) unanswered = null;
    throw error;
  }
}

/** A key that no other request has, for `Idempotency-Key`. */
export function newKey(): string {
  // `randomUUID` is there on encrypted pages only.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function isUnknownCaller(error: unknown): boolean {
  return error instanceof Problem && error.status === 401;
}

function nullIfUnknown(error: unknown): null {
  if (isUnknownCaller(error)) return null;
  throw error;
}

function cursorOf(headers: Headers): number {
  return Number(headers.get('Last-Event-ID'));
}

/** For `If-Match`: the version alone, so that a draft does not become stale when somebody solves the board. */
function versionTag({ version }: Board): string {
  return `"${version}"`;
}

/** Which boards a list has, in which order, and where it goes on. */
export interface BoardQuery {
  /** A part of their names. */
  name?: string;
  creator?: string;
  /** Whether the caller has solved them. */
  solved?: boolean;
  sort?: 'newest' | 'most_solved';
  limit?: number;
  /** `next_page` of the page before. */
  page?: string;
  before?: number;
}

/** The server's API. Every function rejects with a {@link Problem}. */
export const api = {
  /** A page of boards; a stream from `cursor` misses nothing after it. */
  async listBoards(query: BoardQuery = {}) {
    const { data, headers } = await answer(http.GET('/api/v1/boards', { params: { query } }));
    return {
      items: data.items,
      next_before: data.next_before ?? null,
      next_page: data.next_page ?? null,
      cursor: cursorOf(headers),
    };
  },

  async getBoard(id: number): Promise<{ board: Board; etag: string; cursor: number }> {
    const path = { id };
    const { data, headers } = await answer(http.GET('/api/v1/boards/{id}', { params: { path } }));
    return { board: data, etag: versionTag(data), cursor: cursorOf(headers) };
  },

  async createBoard(body: BoardDraft): Promise<Board> {
    return make(body, (header) => http.POST('/api/v1/boards', { params: { header }, body }));
  },

  /** Replaces the board if it is at the version `etag`; whatever it is at if that is null. */
  async replaceBoard(id: number, body: BoardDraft, etag: string | null) {
    const header = etag === null ? {} : { 'If-Match': etag };
    const params = { path: { id }, header };
    const { data } = await answerToUser(http.PUT('/api/v1/boards/{id}', { params, body }));
    const board = data as Board;
    return { board, etag: versionTag(board) };
  },

  async deleteBoard(id: number): Promise<void> {
    const params = { path: { id } };
    await answerToUser(http.DELETE('/api/v1/boards/{id}', { params, ...LASTING }));
  },

  /** The caller's own paths on a board, oldest first. */
  async listPaths(boardId: number): Promise<Path[]> {
    const paths: Path[] = [];
    let before: number | null | undefined;
    do {
      const query = { limit: LONGEST_PAGE, ...(before ? { before } : {}) };
      const params = { path: { id: boardId }, query };
      const request = http.GET('/api/v1/boards/{id}/paths', { params });
      const { data } = await answerToUser(request);
      paths.push(...data.items);
      before = data.next_before;
    } while (before);
    return paths.reverse();
  },

  /** The caller's own paths on some boards, at most {@link MOST_BOARDS}. */
  async listPathsOnBoards(ids: readonly number[]): Promise<Path[]> {
    const paths: Path[] = [];
    let page: string | null | undefined;
    do {
      const query = { boards: ids.join(','), limit: LONGEST_PAGE, ...(page ? { page } : {}) };
      const { data } = await answer(http.GET('/api/v1/paths', { params: { query } }));
      paths.push(...data.items);
      page = data.next_page;
    } while (page);
    return paths;
  },

  /** Saves a path. Asked again with the same key, it answers with the path that it has saved already. */
  async createPath(boardId: number, cells: Cell[], key: string): Promise<Path> {
    const params = { path: { id: boardId }, header: { 'Idempotency-Key': key } };
    const request = http.POST('/api/v1/boards/{id}/paths', { params, body: { cells } });
    return (await answerToUser(request)).data;
  },

  async deletePath(id: number): Promise<void> {
    const params = { path: { id } };
    await answerToUser(http.DELETE('/api/v1/paths/{id}', { params, ...LASTING }));
  },

  /** The log before an event, newest first. */
  async listEventsBefore(before: number) {
    const params = { query: { before, limit: LONGEST_PAGE } };
    return (await answer(http.GET('/api/v1/events', { params }))).data;
  },

  async register(body: Credentials): Promise<User> {
    return (await answer(http.POST('/api/v1/users', { body }))).data;
  },

  /** Whether anyone may register. */
  async isRegistrationOpen(): Promise<boolean> {
    return (await answer(http.GET('/api/v1/users/registration'))).data.open;
  },

  async logIn(body: Credentials): Promise<User> {
    return (await answer(http.POST('/api/v1/sessions', { body }))).data.user;
  },

  /** Ends the session, which may have ended before. */
  async logOut(): Promise<void> {
    await answer(http.DELETE('/api/v1/sessions/current')).catch(nullIfUnknown);
  },

  /** Who is signed in; null for nobody. */
  async me(): Promise<User | null> {
    const request = answer(http.GET('/api/v1/users/me'));
    return (await request.catch(nullIfUnknown))?.data ?? null;
  },
};
