import type { BrowserContext, Page } from 'playwright-core';
import { Account } from './account';
import { go, isLive, type Visitors } from './browser';
import { exhibit, PUZZLES } from './gallery';
import { cell } from './page';
import type { Server } from './server';

/** Who is there, and what they have made. */
export interface Scene {
  ada: Account;
  bob: Account;
  /** The board with paths of both. */
  boardId: number;
}

/** Fills a server with what the views show. */
export async function setScene(server: Server): Promise<Scene> {
  const ada = await Account.register(server.url, 'ada');
  const bob = await Account.register(server.url, 'grace');
  const [garden] = await exhibit(ada);
  const boardId = garden?.id as number;
  const { solution } = PUZZLES.garden;
  for (const way of solution.slice(0, 3)) await bob.drawPath(boardId, way);
  return { ada, bob, boardId };
}

/** How each view is reached. Nothing it does may change what the next one shows. */
export const VIEWS: Record<
  string,
  (scene: Scene, visitors: Visitors, look: Look) => Promise<Page>
> = {
  async boards({ bob }, visitors, look) {
    const page = await visitors.visit('#/', bob, look);
    await page.getByRole('link', { name: PUZZLES.duet.draft.name }).waitFor();
    return page;
  },
  async board({ bob, boardId }, visitors, look) {
    const page = await visitors.visit(`#/boards/${boardId}`, bob, look);
    await page.getByText('3 of 5 joined').waitFor();
    await cell(page, [3, 0]).focus();
    for (const key of ['Enter', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    await page.getByText('3 cells').waitFor();
    return page;
  },
  async 'new-board'({ bob }, visitors, look) {
    const page = await visitors.visit('#/new', bob, look);
    await page.getByRole('button', { name: 'Save board' }).press('Enter');
    await page.getByText('Give the board a name.').first().waitFor();
    return page;
  },
  async editor({ ada, boardId }, visitors, look) {
    const page = await visitors.visit(`#/boards/${boardId}/edit`, ada, look);
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
    await page.getByText('grace saved a path on').first().waitFor();
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
  async error({ bob, boardId }, visitors, look) {
    const page = await visitors.visit('#/', bob, look);
    await page.context().setOffline(true);
    await page.goto(`/#/boards/${boardId}`);
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
  await page.evaluate(() => localStorage.setItem('dotcast.cursor', '0'));
  await page.close();
}
