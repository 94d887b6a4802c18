import { describe, expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { ENGINES, EngineBrowser } from './harness/engine';
import { setupEngine } from './harness/setup';
import { Tab } from './harness/tab';

/** What a drawn line looks like from its upper to its lower edge, by engine. */
const looks = new Map<string, [number, number, number][]>();

describe.each(ENGINES)('in %s', (engine) => {
  const it = setupEngine(engine);

  test('one registers, makes a board and draws on it with the mouse', async () => {
    await it.tab.open('/#/sign-up');
    await it.tab.isLive();
    await it.tab.fill('Username', 'ada');
    await it.tab.fill('Password', 'a good password');
    await it.tab.press('Create account');
    await it.tab.sees('No boards yet');

    await it.tab.press('New board');
    await it.tab.fill('Name', 'By hand');
    await it.tab.drag([1, 1]);
    await it.tab.drag([1, 4]);
    await it.tab.press('Save board');
    await it.tab.sees('0 of 1 joined');
    await it.tab.drag([1, 1], [1, 4]);
    await it.tab.sees('Solved!');
    await it.tab.reload();
    await it.tab.sees('You have solved this board.');
    looks.set(engine, await it.tab.crossSection([1, 2]));
  });

  test('a line looks as it does in the other engines', () => {
    const [mine, theirs] = [engine, ENGINES[0]].map((it) => looks.get(it) ?? []);
    // A twentieth of a cell may differ: edges are smoothed in many ways.
    const parts = Array.from({ length: 60 }, (_, part) => part / 60);
    const unlike = parts.filter((part) => {
      const [a, b] = [mine, theirs].map((it) => it?.[Math.floor(part * it.length)] ?? [0, 0, 0]);
      return [0, 1, 2].some((it) => Math.abs((a?.[it] ?? 0) - (b?.[it] ?? 0)) > 40);
    });
    expect(mine?.length).toBeGreaterThan(20);
    expect(unlike.length).toBeLessThanOrEqual(6);
  });

  test('what others do comes live, and what was missed on the next visit', async () => {
    const bob = await Account.register(it.server.url, 'bob');
    await it.tab.open('/#/');
    await it.tab.isLive();
    await bob.makeBoard(pairs('Live'));
    await it.tab.sees('bob made the board Live');
    // Under a pointer, as the mouse may have been left, what is new waits behind a button.
    const showNew = () => document.querySelector<HTMLElement>('.news button')?.click();
    await expect
      .poll(() => it.tab.run(showNew).then(() => it.tab.text()), { timeout: 20_000 })
      .toContain('Live bob 3 × 3');

    // On another page of the same it.server.
    await it.tab.open('/healthz');
    await bob.makeBoard(pairs('Missed'));
    await it.tab.open('/#/activity');
    await it.tab.sees('bob made the board Missed');
    await it.tab.isLive();
    expect((await it.tab.text()).split('bob made the board').length - 1).toBe(2);
  });

  test('one comes back by the history to what is there now', async () => {
    const eve = await Account.register(it.server.url, 'eve');
    await it.tab.open('/#/');
    await it.tab.isLive();
    await it.tab.run(() => {
      Object.assign(globalThis, { kept: true });
    });
    await it.tab.open('/docs');
    await eve.makeBoard(pairs('Behind the back'));
    await it.tab.back();
    // As it was left, and not loaded anew. Firefox does not keep it.
    if (engine !== 'firefox') expect(await it.tab.run(() => 'kept' in globalThis)).toBe(true);
    await it.tab.sees('Behind the back');
    await it.tab.isLive();
    await eve.makeBoard(pairs('In front'));
    await it.tab.sees('eve made the board In front');
  });

  test('from the link of a board to the first saved line it takes three actions', async () => {
    const amy = await Account.register(it.server.url, 'amy');
    const { id } = await amy.makeBoard(pairs('Come and play'));
    const visitor = await EngineBrowser.start(engine, it.server);
    try {
      const guest = await Tab.first(visitor.driver, it.server.origin);
      let actions = 0;
      const act = async (what: Promise<unknown>) => {
        actions += 1;
        await what;
      };
      await guest.open(`/boards/${id}`);
      await guest.isLive();
      await act(guest.drag([0, 0], [0, 2]));
      await act(guest.press('Sign up and save'));
      await guest.fill('Username', 'visitor');
      await guest.fill('Password', 'a good password');
      await act(guest.run(() => document.querySelector('form')?.requestSubmit()));
      await guest.sees('Come and play');
      await guest.sees('Red is joined.');
      const saved = await guest.run(
        (id: number) =>
          fetch(`/api/v1/boards/${id}/paths`)
            .then((it) => it.json())
            .then((it) => it.items.length as number),
        id,
      );
      expect(saved).toBe(1);
      expect(actions).toBe(3);
    } finally {
      await visitor.close();
    }
  });

  test('one signs out and in', async () => {
    await it.tab.run(() => (document.querySelector('summary') as HTMLElement).click());
    await it.tab.press('Sign out');
    await it.tab.press('Sign in');
    await it.tab.fill('Username', 'ada');
    await it.tab.fill('Password', 'a good password');
    await it.tab.run(() => document.querySelector('form')?.requestSubmit());
    await it.tab.sees('ada');
  });

  test('tabs share one stream, and another tab goes on when the one that holds it is closed', async () => {
    const kim = await Account.register(it.server.url, 'kim');
    await it.tab.open('/healthz');
    const before = it.server.streams();
    const tabs = [await it.tab.another(), await it.tab.another(), await it.tab.another()];
    for (const one of tabs) {
      await one.open('/#/activity');
      await one.isLive();
    }
    await kim.makeBoard(pairs('For all'));
    for (const one of tabs) await one.sees('kim made the board For all');
    // Two may lead for a moment, where an engine tells tabs late what others have stored.
    expect(it.server.streams()).toBeLessThan(before + tabs.length);

    const [leader, ...others] = tabs;
    await leader?.close();
    await kim.makeBoard(pairs('For the rest'));
    for (const one of others) await one.sees('kim made the board For the rest');
    for (const one of others) await one.close();
  });
});
