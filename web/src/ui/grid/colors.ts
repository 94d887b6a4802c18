import type { Dot } from '../../api/client';
import type { Catalogue } from '../../language/en';
import { t } from '../../language/texts';

interface Swatch {
  name: keyof Catalogue['grid']['colors'];
  color: string;
}

/** The colours that the editor offers: far apart in hue, or else in lightness. */
export const PALETTE: readonly Swatch[] = [
  { name: 'red', color: '#e5343d' },
  { name: 'blue', color: '#2f6bff' },
  { name: 'yellow', color: '#ffc61a' },
  { name: 'green', color: '#14a44d' },
  { name: 'orange', color: '#ff7a1a' },
  { name: 'violet', color: '#8b3df5' },
  { name: 'skyBlue', color: '#2bb8ff' },
  { name: 'pink', color: '#f23d9d' },
  { name: 'lime', color: '#93d11c' },
  { name: 'teal', color: '#0aa8a0' },
  { name: 'brown', color: '#96592b' },
  { name: 'slate', color: '#75809a' },
];

const NAMED: readonly Swatch[] = [
  ...PALETTE,
  { name: 'red', color: '#ff0000' },
  { name: 'blue', color: '#0000ff' },
  { name: 'navy', color: '#101860' },
  { name: 'yellow', color: '#ffff00' },
  { name: 'green', color: '#00ff00' },
  { name: 'darkGreen', color: '#0a4a1c' },
  { name: 'darkRed', color: '#6e0a14' },
  { name: 'cyan', color: '#00ffff' },
  { name: 'magenta', color: '#ff00ff' },
  { name: 'lightPink', color: '#ffb3d1' },
  { name: 'lightBlue', color: '#b3d9ff' },
  { name: 'lightGreen', color: '#b8f0c0' },
  { name: 'white', color: '#ffffff' },
  { name: 'grey', color: '#a0a0a0' },
  { name: 'black', color: '#101010' },
];

type Rgb = readonly [number, number, number];

function rgb(color: string): Rgb {
  const number = Number.parseInt(color.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

/** How unlike two colours look; the weights follow the eye ("redmean"). */
function distance(a: Rgb, b: Rgb): number {
  const red = (a[0] + b[0]) / 2;
  const [r, g, b_] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  return (2 + red / 256) * r * r + 4 * g * g + (2 + (255 - red) / 256) * b_ * b_;
}

const nearest = new Map<string, Swatch['name']>();

/** What people call a colour, in the language shown. In Polish it agrees with words such as `kropka`. */
export function colorName(color: string): string {
  return t().grid.colors[nearestName(color)];
}

function nearestName(color: string): Swatch['name'] {
  const known = nearest.get(color);
  if (known) return known;
  const wanted = rgb(color);
  let name: Swatch['name'] = 'black';
  let least = Number.POSITIVE_INFINITY;
  for (const it of NAMED) {
    const far = distance(wanted, rgb(it.color));
    if (far < least) {
      least = far;
      name = it.name;
    }
  }
  nearest.set(color, name);
  return name;
}

/** Relative luminance (WCAG). */
function luminance(color: string): number {
  const [r, g, b] = rgb(color).map((it) => {
    const part = it / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Black or white, whichever reads well on a colour. */
export function inkOn(color: string): string {
  // White where both do: on saturated colours it looks the better of the two. It contrasts 3.5:1 at the least.
  return luminance(color) > 0.25 ? '#000000' : '#ffffff';
}

/** A, B, … Z, AA, AB, … */
export function letter(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letter(Math.floor(index / 26) - 1) + last;
}

/** The colours of a board in the order in which they appear, each with a letter that tells it from the others. */
export function lettersOf(dots: readonly Dot[]): Map<string, string> {
  const letters = new Map<string, string>();
  for (const dot of dots) {
    if (!letters.has(dot.color)) letters.set(dot.color, letter(letters.size));
  }
  return letters;
}

/** The letters that are shown: all, where dots carry them, or else those of colours that have one name. */
export function marksOf(dots: readonly Dot[], withLetters: boolean): Map<string, string> {
  const letters = lettersOf(dots);
  if (withLetters) return letters;
  const counts = new Map<string, number>();
  for (const color of letters.keys()) {
    const name = colorName(color);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return new Map([...letters].filter(([color]) => (counts.get(colorName(color)) ?? 0) > 1));
}
