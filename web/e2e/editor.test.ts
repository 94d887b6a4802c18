import { expect, test } from 'vitest';
import { Account } from './harness/account';
import { pairs } from './harness/boards';
import { cell } from './harness/page';
import { setup } from './harness/setup';

const it = setup();

test('a board is saved only when it is valid, and the reasons are said until then', async () => {
  const ada = await Account.register(it.server.url, 'ada');
  const page = await it.visitors.visit('#/new', ada);
  const save = page.getByRole('button', { name: 'Save board' });
  const reasons = page.getByRole('list', { name: 'Before it can be saved' });
  const isOff = () => save.getAttribute('aria-disabled');
  expect(await isOff()).toBe('true');
  await reasons.getByText('Give the board a name.').waitFor();

  await page.getByRole('textbox', { name: 'Name' }).fill('Step by step');
  await page.getByRole('spinbutton', { name: 'Rows' }).fill('51');
  await reasons.getByText('Rows must be from 2 to 50.').waitFor();
  await page.getByRole('spinbutton', { name: 'Rows' }).fill('3');
  await expect.poll(() => reasons.getByRole('listitem').count()).toBe(0);
  expect(await isOff()).toBe('false');

  // By keyboard: a dot alone is not enough, its partner is.
  await cell(page, [0, 0]).press('Enter');
  await reasons.getByText('needs two dots and has 1').waitFor();
  expect(await isOff()).toBe('true');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await cell(page, [1, 1])
    .and(page.getByRole('gridcell', { name: /dot/ }))
    .waitFor();
  await expect.poll(isOff).toBe('false');
  await save.click();
  await page.getByText('0 of 1 joined').waitFor();
});

test('what the server finds wrong is said beside the field', async () => {
  const bob = await Account.register(it.server.url, 'bob');
  const page = await it.visitors.visit('#/new', bob);
  // The page lets nothing pass that the server refuses, so the request is spoilt on its way.
  await page.route('**/api/v1/boards', (route) =>
    route.request().method() === 'POST'
      ? route.continue({ postData: JSON.stringify(pairs('\u0007')) })
      : route.continue(),
  );
  const name = page.getByRole('textbox', { name: 'Name' });
  await name.fill('Fine here');
  await page.getByRole('button', { name: 'Save board' }).click();
  await page.getByText('The name must not hold control characters.').waitFor();
  expect(await name.getAttribute('aria-invalid')).toBe('true');
});

test('a board that was changed meanwhile can be loaded again, or overwritten', async () => {
  const eve = await Account.register(it.server.url, 'eve');
  const { id } = await eve.makeBoard(pairs('Mine'));
  const page = await it.visitors.visit(`#/boards/${id}/edit`, eve);
  const name = page.getByRole('textbox', { name: 'Name' });
  const changed = page.getByText('This board was changed elsewhere');

  await name.fill('Mine, edited');
  await eve.changeBoard(id, pairs('Theirs'));
  await changed.waitFor();
  expect(await name.inputValue()).toBe('Mine, edited');
  await page.getByRole('button', { name: 'Drop my changes and reload' }).click();
  await expect.poll(() => name.inputValue()).toBe('Theirs');
  await changed.waitFor({ state: 'detached' });

  await name.fill('Mine after all');
  await eve.changeBoard(id, pairs('Theirs again'));
  await changed.waitFor();
  await page.getByRole('button', { name: 'Overwrite it with mine' }).click();
  await page.getByRole('heading', { name: 'Mine after all' }).waitFor();
});

test('a save that crosses another one is refused, not lost', async () => {
  const kim = await Account.register(it.server.url, 'kim');
  const { id } = await kim.makeBoard(pairs('Crossing'));
  const page = await it.visitors.visit(`#/boards/${id}/edit`, kim);
  await page.getByRole('textbox', { name: 'Name' }).fill('Crossing, mine');
  // The other one is faster while the request is on its way.
  let isFirst = true;
  await page.route(`**/api/v1/boards/${id}`, async (route) => {
    if (route.request().method() === 'PUT' && isFirst) {
      isFirst = false;
      await kim.changeBoard(id, pairs('Crossing, theirs'));
    }
    await route.continue();
  });
  await page.getByRole('button', { name: 'Save board' }).click();
  await page.getByText('This board was changed elsewhere').waitFor();
  await page.getByRole('button', { name: 'Overwrite it with mine' }).click();
  await page.getByRole('heading', { name: 'Crossing, mine' }).waitFor();
});

test('only its creator may edit or delete a board', async () => {
  const owner = await Account.register(it.server.url, 'owner');
  const other = await Account.register(it.server.url, 'other');
  const { id } = await owner.makeBoard(pairs('Guarded'));
  const page = await it.visitors.visit(`#/boards/${id}`, other);
  await page.getByRole('heading', { name: 'Guarded' }).waitFor();
  expect(await page.getByRole('link', { name: 'Edit' }).count()).toBe(0);

  const hers = await it.visitors.visit(`#/boards/${id}`, owner);
  await hers.locator('summary', { hasText: 'More' }).click();
  await hers.getByRole('button', { name: 'Delete board' }).click();
  await hers.getByRole('heading', { name: 'Boards', exact: true }).waitFor();
  await page.getByRole('heading', { name: 'This board is gone' }).waitFor();
});

test('a board of somebody who is not signed in yet is saved by signing in', async () => {
  const max = await Account.register(it.server.url, 'max');
  const page = await it.visitors.visit('#/new');
  await page.getByRole('textbox', { name: 'Name' }).fill('At once');
  await page.getByRole('button', { name: 'Sign in and save' }).click();
  await page.getByRole('textbox', { name: 'Username' }).fill(max.username);
  await page.getByLabel('Password', { exact: true }).fill(max.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'At once' }).waitFor();
  await page.getByText('made by max').waitFor();
});

test('on a narrow window the grid comes before the form, for the eye and for the keyboard', async () => {
  const page = await it.visitors.visit('#/new', undefined, {
    viewport: { width: 360, height: 640 },
  });
  await cell(page, [0, 0]).waitFor();
  const grid = page.getByRole('grid');
  const name = page.getByRole('textbox', { name: 'Name' });
  const [above, below] = await Promise.all([grid.boundingBox(), name.boundingBox()]);
  expect(above && below && above.y + above.height <= below.y).toBe(true);
  const form = await name.elementHandle();
  const follows = await grid.evaluate(
    (grid, name) => grid.compareDocumentPosition(name as Node) & Node.DOCUMENT_POSITION_FOLLOWING,
    form,
  );
  expect(follows).toBeTruthy();
});
