import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { Account } from './account';
import { go, isLive, type Visitors } from './browser';
import { type Exhibits, exhibit, PUZZLES } from './gallery';
import { cell, toasts } from './page';
import type { Server } from './server';

/** Who is there, and what they have made. */
export interface Scene {
  ada: Account;
  bob: Account;
  /** Ada's boards; Bob has drawn a part of `garden`, and all of `metro`. */
  ids: Exhibits;
}

/** Fills a server with what the views show. */
export async function setScene(server: Server): Promise<Scene> {
  const ada = await Account.register(server.url, 'ada');
  const bob = await Account.register(server.url, 'grace');
  const ids = await exhibit(ada);
  for (const way of PUZZLES.metro.solution) await bob.drawPath(ids.metro, way);
  for (const way of PUZZLES.garden.solution.slice(0, 3)) await bob.drawPath(ids.garden, way);
  return { ada, bob, ids };
}

/** How each view is reached. What it does may change no other one, but for news. */
export const VIEWS: Record<
  string,
  (scene: Scene, visitors: Visitors, look: Look) => Promise<Page>
> = {
  async boards({ bob }, visitors, look) {
    const page = await visitors.visit('#/', bob, look);
    await page.getByRole('link', { name: PUZZLES.duet.draft.name }).waitFor();
    return page;
  },
  async board({ bob, ids }, visitors, look) {
    const page = await visitors.visit(`#/boards/${ids.garden}`, bob, look);
    await page.getByText('3 of 5 joined').waitFor();
    await cell(page, [3, 0]).focus();
    for (const key of ['Enter', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    await page.getByText('3 cells').waitFor();
    return page;
  },
  async complete({ bob, ids }, visitors, look) {
    const page = await visitors.visit(`#/boards/${ids.metro}`, bob, look);
    await page.getByText('6 of 6 joined').waitFor();
    return page;
  },
  async 'new-board'({ bob }, visitors, look) {
    const page = await visitors.visit('#/new', bob, look);
    await page.getByRole('button', { name: 'Save board' }).press('Enter');
    await page.getByText('Give the board a name.').first().waitFor();
    return page;
  },
  async editor({ ada, ids }, visitors, look) {
    const page = await visitors.visit(`#/boards/${ids.garden}/edit`, ada, look);
    await page.getByRole('button', { name: 'Save board' }).waitFor();
    return page;
  },
  async log({ bob }, visitors, look) {
    const page = await visitors.visit('#/log', bob, look);
    await page.getByRole('textbox', { name: 'Resume after id' }).fill('0');
    await page.keyboard.press('Enter');
    await page.getByText('newPath').last().waitFor();
    return page;
  },
  async activity({ ada }, visitors, look) {
    const context = await visitors.browse(ada, look);
    await wasHereBefore(context);
    const page = await go(context, '#/activity');
    await page.getByText('grace saved 6 paths on').first().waitFor();
    return page;
  },
  async 'sign-in'(_, visitors, look) {
    const page = await visitors.visit('#/sign-in?why=expired', undefined, look);
    await page.getByText('Your session has ended').waitFor();
    return page;
  },
  async 'sign-up'(_, visitors, look) {
    const page = await visitors.visit('#/sign-up', undefined, look);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.locator('[aria-invalid=true]').first().waitFor();
    return page;
  },
  async offline({ bob }, visitors, look) {
    const page = await visitors.visit('#/', bob, look);
    await page.getByRole('link', { name: PUZZLES.duet.draft.name }).waitFor();
    await page.context().setOffline(true);
    await page.getByText('You are offline.').waitFor();
    return page;
  },
  async error({ bob, ids }, visitors, look) {
    const page = await visitors.visit('#/', bob, look);
    await page.context().setOffline(true);
    await page.goto(`/#/boards/${ids.garden}`);
    await page.getByText('The server cannot be reached.').waitFor();
    return page;
  },
  async gone({ bob }, visitors, look) {
    const page = await visitors.visit('#/boards/999', bob, look);
    await page.getByRole('heading', { name: 'This board is gone' }).waitFor();
    return page;
  },
  async 'not-found'({ bob }, visitors, look) {
    const page = await visitors.visit('#/nowhere', bob, look);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  },
  async toasts({ ada, bob, ids }, visitors, look) {
    const page = await visitors.visit('#/', ada, look);
    await page.getByRole('link', { name: PUZZLES.duet.draft.name }).waitFor();
    // Not its solution: that he has solved it would be told only the first time.
    const [way = []] = PUZZLES.duet.solution;
    const shown = () => toasts(page).getByRole('link').count();
    // What comes together is told together.
    for (const count of [1, 2]) {
      await bob.drawPath(ids.duet, way);
      await expect.poll(shown).toBe(count);
    }
    return page;
  },
};

export interface Look {
  colorScheme: 'light' | 'dark';
  viewport: { width: number; height: number };
  /** So that nothing is half-way when it is looked at. */
  reducedMotion: 'reduce';
}

export const WIDE = { width: 1280, height: 800 };
export const NARROW = { width: 360, height: 740 };

export function look(colorScheme: Look['colorScheme'], viewport: Look['viewport']): Look {
  return { colorScheme, viewport, reducedMotion: 'reduce' };
}

/** Makes the next page of this browser find that it has missed all that ever happened. */
async function wasHereBefore(context: BrowserContext): Promise<void> {
  const page = await context.newPage();
  await page.goto('/');
  await isLive(page);
  await page.evaluate(() => {
    localStorage.setItem('dotcast.cursor', '0');
    localStorage.setItem('dotcast.read', '{"read":0,"counted":0,"unread":0}');
  });
  await page.close();
}
