import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { textsIn } from './scan';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));

/** A hole of a template. */
const VALUE = `$\{value}`;

describe('the check for texts', () => {
  test.each([
    ['<p>Some text</p>'],
    ['<p>{isBusy ? "Loading" : label}</p>'],
    [`<p>{isOpen && \`by ${VALUE}\`}</p>`],
    ['<p>{name + " and more"}</p>'],
    ['<button aria-label="Close" />'],
    ['<button title={isOpen ? "Close" : open} />'],
    ['<Field label="Name" />'],
    ['says.value = "Discarded at once.";'],
    ['says.value = "Discarded.";'],
    [`says.value = \`Saved ${VALUE} paths\`;`],
    [`says.value = \`${VALUE} is joined.\`;`],
  ])('finds %s', (code) => {
    expect(textsIn('x.tsx', code)).toHaveLength(1);
  });

  test.each([
    ['<p class="quiet text">{texts.lead}</p>'],
    ['<p>{now === "live" && <Icon name="check" />}</p>'],
    ['<p>{rows} × {cols}</p>'],
    ['<a href="/">dotcast</a>'],
    ['throw new Error("There is no board.");'],
    ['const header = { "Content-Type": "application/json" };'],
    [`return \`M${VALUE} 0.5V${VALUE}\`;`],
    ['const query = "(prefers-color-scheme: dark)";'],
  ])('passes %s', (code) => {
    expect(textsIn('x.tsx', code)).toEqual([]);
  });
});

test('all that the page says comes from the catalogue', () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .map((it) => it.replaceAll('\\', '/'))
    .filter((it) => /\.tsx?$/.test(it) && !it.endsWith('.d.ts') && !it.startsWith('language/'));
  expect(files.length).toBeGreaterThan(40);
  expect(files.flatMap((it) => textsIn(it, readFileSync(join(SOURCE, it), 'utf8')))).toEqual([]);
});
