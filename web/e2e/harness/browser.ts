import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { expect } from 'vitest';
import type { Account } from './account';
import { Server } from './server';

/** How Chromium is started. */
export const LAUNCH = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  // Chromium's sandbox does not work for root.
  chromiumSandbox: process.getuid?.() !== 0,
  args: Server.chromiumOptions,
};

/** Sessions of browsers, and what must not happen in any of them. */
export class Visitors {
  private readonly contexts: BrowserContext[] = [];
  private readonly faults: string[] = [];

  private constructor(
    private readonly browser: Browser,
    private readonly server: Server,
  ) {}

  static async start(server: Server): Promise<Visitors> {
    return new Visitors(await chromium.launch(LAUNCH), server);
  }

  /** A browser of its own, in which `account` is signed in. */
  async browse(account?: Account, options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext({
      baseURL: this.server.origin,
      viewport: { width: 1280, height: 800 },
      // Over TLS the server's certificate is its own.
      ignoreHTTPSErrors: true,
      ...options,
    });
    this.contexts.push(context);
    context.setDefaultTimeout(15_000);
    await this.watch(context);
    if (account) await logIn(context, this.server, account);
    return context;
  }

  /** A page on one of the views, in a browser of its own. */
  async visit(hash: string, account?: Account, options?: BrowserContextOptions): Promise<Page> {
    return go(await this.browse(account, options), hash);
  }

  /** Closes what a test has opened, and tells if something was wrong in it. */
  async leave(): Promise<void> {
    await Promise.all(this.contexts.splice(0).map((context) => context.close()));
    expect(this.faults.splice(0)).toEqual([]);
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  private async watch(context: BrowserContext): Promise<void> {
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    context.on('console', (message) => {
      // Answers such as 401 are said there, too, and so is every attempt while there is no server.
      const isAnswer = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isAnswer) this.faults.push(message.text());
    });
    context.on('weberror', (it) => this.faults.push(String(it.error())));
    context.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      const isOurs = origin === this.server.origin || protocol === 'data:';
      if (!isOurs) this.faults.push(`request to ${request.url()}`);
    });
    context.on('response', (response) => {
      const { pathname } = new URL(response.url());
      const isFile = !/^\/(api|sse)\//.test(pathname);
      if (isFile && !response.ok() && response.status() !== 304) {
        this.faults.push(`${response.status()} for ${pathname}`);
      }
    });
  }
}

/** Opens a tab on one of the views, and waits until it hears of what happens. */
export async function go(context: BrowserContext, hash: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`/${hash}`);
  await isLive(page);
  return page;
}

/** In whatever language it says so. */
export async function isLive(page: Page): Promise<void> {
  await page.locator('.connection[data-status="live"]').waitFor();
}

/** Signs in with the cookie that the API sets, without the page. */
async function logIn(
  context: BrowserContext,
  server: Server,
  { username, password }: Account,
): Promise<void> {
  // Not with the browser's own requests, which do not know the names that it has been given.
  const answer = await fetch(`${server.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  expect(answer.status).toBe(201);
  const [cookie = ''] = answer.headers.getSetCookie();
  const [, name = '', value = ''] = /^([^=]+)=([^;]+)/.exec(cookie) ?? [];
  await context.addCookies([{ name, value, url: server.origin, httpOnly: true, sameSite: 'Lax' }]);
}
