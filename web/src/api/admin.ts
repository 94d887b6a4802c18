import { answerToUser, http } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
/** A user, as administrators see them. */
export type Account = Schemas['Account'];
export type AccountChange = Schemas['AccountChange'];
export type LogState = Schemas['LogState'];
/** A stream that is open on the server that answers. */
export type OpenStream = Schemas['OpenStream'];

/** A part of a list, newest first. */
export interface Page<T> {
  items: T[];
  /** Where the list goes on; nothing at its end. */
  next_before?: number | null;
}

interface PageQuery {
  limit: number;
  before?: number;
}

/** What administrators may do. Every function rejects with a `Problem`. */
export const adminApi = {
  /** Users; those whose names contain `q`, if it is given. */
  async listAccounts(query: PageQuery & { q?: string }): Promise<Page<Account>> {
    return (await answerToUser(http.GET('/api/v1/admin/users', { params: { query } }))).data;
  },

  async changeAccount(name: string, body: AccountChange): Promise<Account> {
    const params = { path: { name } };
    return (await answerToUser(http.PATCH('/api/v1/admin/users/{name}', { params, body }))).data;
  },

  async endSessions(name: string): Promise<void> {
    const params = { path: { name } };
    await answerToUser(http.DELETE('/api/v1/admin/users/{name}/sessions', { params }));
  },

  async logState(): Promise<LogState> {
    return (await answerToUser(http.GET('/api/v1/admin/log'))).data;
  },

  /** Deletes older events; returns how many those were. */
  async trimLog(older_than_seconds: number): Promise<number> {
    const body = { older_than_seconds };
    return (await answerToUser(http.POST('/api/v1/admin/log/trim', { body }))).data.deleted;
  },

  async listStreams(query: PageQuery): Promise<Page<OpenStream>> {
    return (await answerToUser(http.GET('/api/v1/admin/streams', { params: { query } }))).data;
  },
};
