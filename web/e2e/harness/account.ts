import type { Board, BoardDraft, Cell, Path } from '../../src/api/client';

/** Somebody who uses the API without the page. */
export class Account {
  private constructor(
    private readonly url: string,
    readonly username: string,
    readonly password: string,
    private readonly token: string,
  ) {}

  /** Registers and logs in. */
  static async register(url: string, username: string): Promise<Account> {
    const credentials = { username, password: `the password of ${username}` };
    await call(url, 'POST', '/users', credentials);
    const { token } = await call<{ token: string }>(url, 'POST', '/sessions', credentials);
    return new Account(url, username, credentials.password, token);
  }

  makeBoard(draft: BoardDraft): Promise<Board> {
    return this.call('POST', '/boards', draft);
  }

  changeBoard(id: number, draft: BoardDraft): Promise<Board> {
    return this.call('PUT', `/boards/${id}`, draft);
  }

  deleteBoard(id: number): Promise<void> {
    return this.call('DELETE', `/boards/${id}`);
  }

  drawPath(boardId: number, cells: Cell[]): Promise<Path> {
    return this.call('POST', `/boards/${boardId}/paths`, { cells });
  }

  paths(boardId: number): Promise<{ items: Path[] }> {
    return this.call('GET', `/boards/${boardId}/paths`);
  }

  private call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return call(this.url, method, path, body, { Authorization: `Bearer ${this.token}` });
  }
}

async function call<T>(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { ...headers, ...(body ? { 'Content-Type': 'application/json' } : {}) },
    body: body ? JSON.stringify(body) : null,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

/** The cells of a path, as `[row, col]`. */
export function cells(...places: [row: number, col: number][]): Cell[] {
  return places.map(([row, col]) => ({ row, col }));
}
