import type { Locator, Page } from 'playwright-core';

type Place = [row: number, col: number];

/** A cell of the grid that is open, by its place from 0. */
export function cell(page: Page, [row, col]: Place): Locator {
  const name = new RegExp(`^Row ${row + 1}, column ${col + 1}(,|$)`);
  return page.getByRole('gridcell', { name });
}

/** Where a cell is on the screen. */
async function middle(page: Page, place: Place): Promise<[x: number, y: number]> {
  const box = await cell(page, place).boundingBox();
  if (!box) throw new Error(`cell ${place} is not to be seen`);
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** Drags with the mouse from cell to cell. */
export async function drag(page: Page, ...places: Place[]): Promise<void> {
  await cell(page, places[0] as Place).scrollIntoViewIfNeeded();
  const [first, ...rest] = await Promise.all(places.map((place) => middle(page, place)));
  await page.mouse.move(...(first as [number, number]));
  await page.mouse.down();
  for (const point of rest) await page.mouse.move(...point, { steps: 4 });
  await page.mouse.up();
}

/** The toasts that are to be seen, in whatever language. */
export function toasts(page: Page): Locator {
  return page.locator('.toasts');
}

/** The card of a board in the list. */
export function card(page: Page, name: string): Locator {
  return page.getByRole('main').getByRole('link', { name, exact: true });
}

/** What the list of activity says, newest first. */
export async function activity(page: Page): Promise<string[]> {
  const items = page.getByRole('main').getByRole('listitem');
  const texts = await items.locator('p').allInnerTexts();
  return texts.map((text) => text.replace(/\s+/g, ' ').trim());
}

/** Tells the page that it is hidden, or to be seen again: headless tabs all are. */
export async function see(page: Page, isVisible: boolean): Promise<void> {
  await page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, value: state });
      document.dispatchEvent(new Event('visibilitychange'));
    },
    isVisible ? 'visible' : 'hidden',
  );
}
