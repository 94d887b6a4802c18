import { Builder, type WebDriver } from 'selenium-webdriver';
import { DriverService } from 'selenium-webdriver/remote';
import { Display } from './display';
import type { Server } from './server';

export const ENGINES = ['chromium', 'firefox', 'webkit'] as const;
export type Engine = (typeof ENGINES)[number];

const DRIVERS: Record<Engine, string> = {
  chromium: process.env.CHROMEDRIVER ?? '/usr/bin/chromedriver',
  firefox: process.env.GECKODRIVER ?? '../target/geckodriver/bin/geckodriver',
  webkit: process.env.WEBKITDRIVER ?? '/usr/bin/WebKitWebDriver',
};

interface Options {
  /** Cookies, and with them all storage, are blocked. */
  blocksStorage?: boolean;
}

/** What each driver has to know besides what they all understand. */
const SPECIFICS: Record<Engine, (options: Options) => object> = {
  chromium: ({ blocksStorage = false }) => ({
    browserName: 'chrome',
    'goog:chromeOptions': {
      binary: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // Chromium's sandbox does not work for root.
      args: ['--headless=new', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
      prefs: blocksStorage ? { 'profile.default_content_setting_values.cookies': 2 } : {},
    },
  }),
  firefox: ({ blocksStorage = false }) => ({
    browserName: 'firefox',
    'moz:firefoxOptions': {
      binary: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
      args: ['-headless'],
      // Otherwise a proxy is not asked for hosts of this machine.
      prefs: {
        'network.proxy.allow_hijacking_localhost': true,
        ...(blocksStorage && { 'network.cookie.cookieBehavior': 2 }),
      },
    },
  }),
  webkit: ({ blocksStorage = false }) => ({
    browserName: 'MiniBrowser',
    ...(blocksStorage && {
      'webkitgtk:browserOptions': {
        args: ['--automation', '--cookies-policy=never', '--enable-html5-local-storage=false'],
      },
    }),
  }),
};

/** A browser with a profile of its own, driven by WebDriver (W3C), which all engines understand. */
export class EngineBrowser {
  private constructor(
    readonly driver: WebDriver,
    private readonly service: DriverService,
    private readonly display: Display | undefined,
  ) {}

  static async start(
    engine: Engine,
    server: Server,
    options: Options = {},
  ): Promise<EngineBrowser> {
    // WebKitGTK does not run without one.
    const display = engine === 'webkit' ? await Display.start() : undefined;
    const env = { ...process.env, ...display?.environment } as Record<string, string>;
    const service = new DriverService.Builder(DRIVERS[engine])
      .setLoopback(true)
      .setEnvironment(env)
      .build();
    try {
      const driver = await new Builder()
        .disableEnvironmentOverrides()
        .usingServer(await service.start(30_000))
        .withCapabilities({ ...SPECIFICS[engine](options), ...server.capabilities })
        .build();
      await driver.manage().window().setRect({ x: 0, y: 0, width: 1200, height: 900 });
      return new EngineBrowser(driver, service, display);
    } catch (error) {
      await service.kill();
      display?.stop();
      throw new Error(`${engine} does not start; \`make setup-tests\` installs it`, {
        cause: error,
      });
    }
  }

  async close(): Promise<void> {
    await this.driver.quit();
    await this.service.kill();
    this.display?.stop();
  }
}
