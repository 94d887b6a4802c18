import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { ENGINES, EngineBrowser } from './harness/engine';
import { Server } from './harness/server';
import { Tab } from './harness/tab';

describe.each(ENGINES)('in %s', (engine) => {
  let server: Server;
  let browser: EngineBrowser;
  let tab: Tab;

  beforeAll(async () => {
    server = await Server.start();
    browser = await EngineBrowser.start(engine, server);
    tab = await Tab.first(browser.driver, server.origin);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  test('the head of a line follows the pointer between cells, and back', async () => {
    const ada = await Account.register(server.url, 'ada');
    const { id } = await ada.makeBoard(pairs('Head'));
    await tab.open('/#/sign-in');
    await tab.isLive();
    await tab.fill('Username', 'ada');
    await tab.fill('Password', ada.password);
    await tab.press('Sign in');
    await tab.sees('Head');
    await tab.show(`#/boards/${id}`);
    await tab.sees('0 of 2 joined');
    /** Where the line ends that is drawn, in cells. */
    const end = () =>
      tab.run(() => {
        const path = document.querySelector<SVGPathElement>('.core[data-tail]');
        const at = path?.getPointAtLength(path.getTotalLength());
        return at ? [at.x, at.y].map((it) => Math.round(it * 10) / 10) : null;
      });
    await tab.hold([0, 0]);
    await tab.holdTo([0, 0.3]);
    await expect.poll(end).toEqual([0.8, 0.5]);
    await tab.holdTo([0.3, 0]);
    await expect.poll(end).toEqual([0.5, 0.8]);
    // Into the next cell, without a jump.
    await tab.holdTo([0.7, 0]);
    await expect.poll(end).toEqual([0.5, 1.2]);
    // Not into the blue dot below.
    await tab.holdTo([1.9, 0]);
    await expect.poll(end).toEqual([0.5, 1.5]);
    // The way back makes it shorter.
    await tab.holdTo([0.8, 0]);
    await expect.poll(end).toEqual([0.5, 1.3]);
    await tab.letGo();
    await expect.poll(end).toEqual([0.5, 1.5]);
  });
});
