import { describe, expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { ENGINES } from './harness/engine';
import { setupEngine } from './harness/setup';

describe.each(ENGINES)('in %s', (engine) => {
  const it = setupEngine(engine);

  test('the head of a line follows the pointer between cells, and back', async () => {
    const ada = await Account.register(it.server.url, 'ada');
    const { id } = await ada.makeBoard(pairs('Head'));
    await it.tab.open('/#/sign-in');
    await it.tab.isLive();
    await it.tab.fill('Username', 'ada');
    await it.tab.fill('Password', ada.password);
    await it.tab.press('Sign in');
    await it.tab.sees('Head');
    await it.tab.show(`#/boards/${id}`);
    await it.tab.sees('0 of 2 joined');
    /** Where the line ends that is drawn, in cells. */
    const end = () =>
      it.tab.run(() => {
        const path = document.querySelector<SVGPathElement>('.core[data-tail]');
        const at = path?.getPointAtLength(path.getTotalLength());
        return at ? [at.x, at.y].map((it) => Math.round(it * 10) / 10) : null;
      });
    await it.tab.hold([0, 0]);
    await it.tab.holdTo([0, 0.3]);
    await expect.poll(end).toEqual([0.8, 0.5]);
    await it.tab.holdTo([0.3, 0]);
    await expect.poll(end).toEqual([0.5, 0.8]);
    // Into the next cell, without a jump.
    await it.tab.holdTo([0.7, 0]);
    await expect.poll(end).toEqual([0.5, 1.2]);
    // Not into the blue dot below.
    await it.tab.holdTo([1.9, 0]);
    await expect.poll(end).toEqual([0.5, 1.5]);
    // The way back makes it shorter.
    await it.tab.holdTo([0.8, 0]);
    await expect.poll(end).toEqual([0.5, 1.3]);
    await it.tab.letGo();
    await expect.poll(end).toEqual([0.5, 1.5]);
  });
});
