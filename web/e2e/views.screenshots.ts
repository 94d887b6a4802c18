import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, test } from 'vitest';
import { setup } from './harness/setup';
import { look, NARROW, type Scene, setScene, VIEWS, WIDE } from './harness/views';

const DIRECTORY = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
const LOOKS = {
  light: look('light', WIDE),
  dark: look('dark', WIDE),
  narrow: look('light', NARROW),
  polish: look('light', WIDE, 'pl-PL'),
};

// The address is to be seen in the log's command, and shall be the same each time.
const it = setup('127.0.0.1:8000');
let scene: Scene;
beforeAll(async () => {
  mkdirSync(DIRECTORY, { recursive: true });
  scene = await setScene(it.server);
});

describe.each(Object.entries(LOOKS))('%s', (name, how) => {
  test.each(Object.entries(VIEWS))('%s', async (viewName, view) => {
    const page = await view(scene, it.visitors, how);
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: `${DIRECTORY}${viewName}-${name}.png`, animations: 'disabled' });
  });
});
