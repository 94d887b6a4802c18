import { By, type WebDriver, type WebElement } from 'selenium-webdriver';
import { expect } from 'vitest';

type Place = [row: number, col: number];
type Point = [x: number, y: number];
/** Red, green and blue, each from 0 to 255. */
type Rgb = [number, number, number];

const PATIENCE = { timeout: 20_000, interval: 100 };

/** A tab as a person uses it, in whatever engine. Everything waits until it can be done. */
export class Tab {
  private constructor(
    private readonly driver: WebDriver,
    private readonly handle: string,
    private readonly origin: string,
  ) {}

  /** The one that a browser has from the start. */
  static async first(driver: WebDriver, origin: string): Promise<Tab> {
    return new Tab(driver, await driver.getWindowHandle(), origin);
  }

  /** One more in the same browser. */
  async another(): Promise<Tab> {
    await this.driver.switchTo().newWindow('tab');
    return Tab.first(this.driver, this.origin);
  }

  async close(): Promise<void> {
    await this.use();
    await this.driver.close();
  }

  /** Opens an address of the server. */
  async open(path: string): Promise<void> {
    await this.use();
    await this.driver.get(`${this.origin}${path}`);
  }

  /** Goes to a view without loading the page again. */
  async show(hash: string): Promise<void> {
    await this.run((to: string) => {
      location.hash = to;
    }, hash);
  }

  async reload(): Promise<void> {
    await this.use();
    await this.driver.navigate().refresh();
  }

  async back(): Promise<void> {
    await this.use();
    await this.driver.navigate().back();
  }

  async isLive(): Promise<void> {
    const status = () => document.querySelector<HTMLElement>('.connection')?.dataset.status;
    await expect.poll(() => this.run(status), PATIENCE).toBe('live');
  }

  /** Waits until this is to be read. */
  async sees(text: string): Promise<void> {
    await expect.poll(() => this.text(), PATIENCE).toContain(text);
  }

  /** What is to be read. */
  text(): Promise<string> {
    return this.run(() => document.body.innerText.replace(/\s+/g, ' '));
  }

  /** Follows a link or presses a button. */
  async press(name: string): Promise<void> {
    const target = `//*[self::a or self::button][normalize-space()="${name}" or @aria-label="${name}"]`;
    await (await this.element(target)).click();
  }

  async fill(label: string, value: string): Promise<void> {
    const input = await this.element(`//input[@id=//label[normalize-space()="${label}"]/@for]`);
    await input.clear();
    await input.sendKeys(value);
  }

  /** Clicks a cell of the grid, or drags from it to others. */
  async drag(...places: Place[]): Promise<void> {
    await this.element('//*[@role="grid"]');
    const [first, ...rest] = await this.run(middles, places);
    if (!first) return;
    const actions = this.driver.actions().move(at(first)).press();
    let from = first;
    for (const to of rest) {
      for (let step = 1; step <= 6; step += 1) actions.move(at(between(from, to, step / 6)));
      from = to;
    }
    await actions.release().perform();
  }

  /** Presses in the middle of a cell, and holds on. */
  async hold(place: Place): Promise<void> {
    await this.element('//*[@role="grid"]');
    const [point] = await this.run(middles, [place]);
    if (point) await this.driver.actions().move(at(point)).press().perform();
  }

  /** Moves what is held; the middle of a cell is a whole number. */
  async holdTo([row, col]: Place): Promise<void> {
    const [[x, y] = [0, 0]] = await this.run(middles, [[0, 0]]);
    const size = await this.run(cellSize);
    const point = at([x + col * size, y + row * size]);
    await this.driver.actions().move(point).perform();
  }

  async letGo(): Promise<void> {
    await this.driver.actions().release().perform();
  }

  /**
   * The colours on the way down through a cell, from its upper edge to its lower one, a quarter of its width from the
   * left, when nothing moves any more.
   */
  async crossSection(place: Place): Promise<Rgb[]> {
    let before: Rgb[] = [];
    let now = await this.colors(place);
    while (JSON.stringify(now) !== JSON.stringify(before)) {
      before = now;
      now = await this.colors(place);
    }
    return now;
  }

  private async colors(place: Place): Promise<Rgb[]> {
    const [[x, y] = [0, 0]] = await this.run(middles, [place]);
    const half = (await this.run(cellSize)) / 2;
    const picture = `data:image/png;base64,${await this.driver.takeScreenshot()}`;
    return this.driver.executeAsyncScript(readColors, picture, x - half / 2, y - half, y + half);
  }

  /** Runs a function in the page. */
  async run<A extends unknown[], R>(what: (...args: A) => R, ...args: A): Promise<R> {
    await this.use();
    return this.driver.executeScript<R>(what, ...args);
  }

  private async element(xpath: string): Promise<WebElement> {
    const isThere = async () => {
      await this.use();
      const [found] = await this.driver.findElements(By.xpath(xpath));
      return found && (await found.isDisplayed()) ? found : null;
    };
    const found = await this.driver.wait(isThere, PATIENCE.timeout, `nothing is at ${xpath}`);
    return found as WebElement;
  }

  private async use(): Promise<void> {
    await this.driver.switchTo().window(this.handle);
  }
}

const at = ([x, y]: Point) => ({ x: Math.round(x), y: Math.round(y), duration: 10 });
const between = (a: Point, b: Point, part: number): Point => [
  a[0] + (b[0] - a[0]) * part,
  a[1] + (b[1] - a[1]) * part,
];

// These run in the page and know nothing from outside.

function middles(places: Place[]): Point[] {
  const cells = places.map(([row, col]) => document.querySelector(`[data-cell="${row},${col}"]`));
  cells[0]?.scrollIntoView({ block: 'center' });
  return cells.map((cell) => {
    const { x, y, width, height } = (cell as Element).getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  });
}

function cellSize(): number {
  return (document.querySelector('[data-cell="0,0"]') as Element).getBoundingClientRect().height;
}

function readColors(
  picture: string,
  x: number,
  top: number,
  bottom: number,
  done: (colors: Rgb[]) => void,
): void {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    context.drawImage(image, 0, 0);
    const scale = image.width / innerWidth;
    const colors: Rgb[] = [];
    for (let y = Math.ceil(top * scale); y < Math.floor(bottom * scale); y += 1) {
      const [red = 0, green = 0, blue = 0] = context.getImageData(x * scale, y, 1, 1).data;
      colors.push([red, green, blue]);
    }
    done(colors);
  };
  image.src = picture;
}
