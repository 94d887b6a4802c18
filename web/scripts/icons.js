// Draws the icons in public/ from src/favicon.svg, with Chromium: `npm run icons`, after the drawing has changed.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const DRAWING = readFileSync(new URL('../src/favicon.svg', import.meta.url), 'utf8');
const PUBLIC = fileURLToPath(new URL('../public/', import.meta.url));
/** The ground of icons that have one. */
const GROUND = '#ffffff';

/** Size in pixels, and the share of it that the drawing takes. Launchers cut maskable ones to a circle of 80 %. */
const ICONS = {
  'icon-192.png': { size: 192, share: 0.92 },
  'icon-512.png': { size: 512, share: 0.92 },
  'icon-maskable-512.png': { size: 512, share: 0.64, ground: GROUND },
  // iOS shows what is transparent in black, and rounds the corners itself.
  'apple-touch-icon.png': { size: 180, share: 0.72, ground: GROUND },
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  chromiumSandbox: process.getuid?.() !== 0,
});

/** @param {{ size: number; share: number; ground?: string }} icon */
async function draw({ size, share, ground = 'transparent' }) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const side = Math.round(size * share);
  await page.setContent(
    `<body style="margin:0;display:grid;place-items:center;height:100vh;background:${ground}">
      <div style="width:${side}px;height:${side}px;line-height:0">${DRAWING}</div>`,
  );
  const png = await page.screenshot({ omitBackground: true });
  await page.close();
  return png;
}

/**
 * A picture in the container that browsers ask for without being told.
 * @param {Buffer} png
 * @param {number} size
 */
function ico(png, size) {
  const head = Buffer.alloc(22);
  head.writeUInt16LE(1, 2); // An icon,
  head.writeUInt16LE(1, 4); // one picture.
  head.writeUInt8(size, 6);
  head.writeUInt8(size, 7);
  head.writeUInt16LE(1, 10);
  head.writeUInt16LE(32, 12);
  head.writeUInt32LE(png.length, 14);
  head.writeUInt32LE(head.length, 18);
  return Buffer.concat([head, png]);
}

for (const [name, icon] of Object.entries(ICONS)) writeFileSync(PUBLIC + name, await draw(icon));
writeFileSync(`${PUBLIC}favicon.ico`, ico(await draw({ size: 32, share: 1 }), 32));
await browser.close();
