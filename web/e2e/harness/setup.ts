import { afterAll, afterEach, beforeAll } from 'vitest';
import { Visitors } from './browser';
import { Server } from './server';

/** A server and a browser for the tests of a file. */
export function setup(
  address?: string,
  options: string[] = [],
): { server: Server; visitors: Visitors } {
  const it = {} as { server: Server; visitors: Visitors };
  beforeAll(async () => {
    it.server = await Server.start(address, options);
    it.visitors = await Visitors.start(it.server);
  });
  afterEach(() => it.visitors.leave());
  afterAll(async () => {
    await it.visitors?.close();
    await it.server?.dispose();
  });
  return it;
}
