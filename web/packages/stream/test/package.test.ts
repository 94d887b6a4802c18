import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { expect, test } from 'vitest';

/** What all of it may come to, minified and compressed with gzip, in bytes. */
const LIMIT = 4_000;

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const read = (name: string) => readFileSync(path(name), 'utf8');

test(`it is at most ${LIMIT} bytes, and needs nothing else`, async () => {
  const built = (await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: path('src/index.ts'), preserveEntrySignatures: 'strict' },
    },
  })) as Rolldown.RolldownOutput;
  expect(built.output).toHaveLength(1);
  const [{ code, imports }] = built.output;
  expect(imports).toEqual([]);
  expect(code).toContain('follow');
  expect(gzipSync(code).length).toBeLessThan(LIMIT);
});

test('what is published is what was built, with its types, its text and the licences', () => {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: path('.'),
    encoding: 'utf8',
  });
  const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }];
  const modules = readdirSync(path('src')).map((it) => it.replace(/\.ts$/, ''));
  const expected = [
    ...['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'package.json'],
    ...modules.flatMap((it) => [`dist/${it}.d.ts`, `dist/${it}.js`]),
  ];
  expect(files.map((it) => it.path).sort()).toEqual(expected.sort());
  const { exports } = JSON.parse(read('package.json'));
  for (const file of Object.values<string>(exports['.'])) expect(expected).toContain(file.slice(2));
});

test("licences and version are the project's", () => {
  for (const name of ['LICENSE-APACHE', 'LICENSE-MIT']) {
    expect(read(name)).toBe(read(`../../../${name}`));
  }
  const [, version] =
    /\[workspace\.package\]\nversion = "(.+)"/.exec(read('../../../Cargo.toml')) ?? [];
  expect(JSON.parse(read('package.json')).version).toBe(version);
});
