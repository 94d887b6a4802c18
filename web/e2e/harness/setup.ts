import { afterAll, afterEach, beforeAll } from 'vitest';
import { Visitors } from './browser';
import { type Engine, EngineBrowser } from './engine';
import { Server } from './server';
import { Tab } from './tab';

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

/** A server, a browser of this engine and a tab in it for a group of tests. */
export function setupEngine(engine: Engine): { server: Server; browser: EngineBrowser; tab: Tab } {
  const it = {} as { server: Server; browser: EngineBrowser; tab: Tab };
  beforeAll(async () => {
    it.server = await Server.start();
    it.browser = await EngineBrowser.start(engine, it.server);
    it.tab = await Tab.first(it.browser.driver, it.server.origin);
  });
  afterAll(async () => {
    await it.browser?.close();
    await it.server?.dispose();
  });
  return it;
}
