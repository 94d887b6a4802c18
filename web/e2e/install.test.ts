import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { isLive, LAUNCH } from './harness/browser';
import { setup } from './harness/setup';

const it = setup();

test('Chromium finds nothing that keeps the page from being installed', async () => {
  // Nothing can be installed in a private window, as all of the other tests' are.
  const profile = mkdtempSync(join(tmpdir(), 'dotcast-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    ...LAUNCH,
    baseURL: it.server.origin,
  });
  try {
    const page = await context.newPage();
    await page.goto('/');
    await isLive(page);
    const session = await context.newCDPSession(page);
    const { url, errors } = await session.send('Page.getAppManifest');
    expect([new URL(url).pathname, errors]).toEqual(['/manifest.webmanifest', []]);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    expect(installabilityErrors).toEqual([]);
    const { appId } = await session.send('Page.getAppId');
    expect(appId).toBe(`${it.server.origin}/`);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true });
  }
});
