// Puts a .br and a .gz beside each text file of the build, for the server to embed, and reports what
// the first load of the page costs.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const TEXT = new Set(['.css', '.html', '.js', '.svg', '.txt', '.webmanifest']);
/** What JavaScript and CSS of the first load may come to, compressed with gzip, in bytes. */
const LIMIT = 60_000;

const files = readdirSync(DIST, { recursive: true, withFileTypes: true })
  .filter((it) => it.isFile() && TEXT.has(extname(it.name)))
  .map((it) => compress(join(it.parentPath, it.name)));

/** @param {string} path */
function compress(path) {
  const content = readFileSync(path);
  const gzip = gzipSync(content, { level: constants.Z_BEST_COMPRESSION });
  const brotli = brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  writeFileSync(`${path}.gz`, gzip);
  writeFileSync(`${path}.br`, brotli);
  const name = path.slice(DIST.length);
  return { name, size: content.length, gzip: gzip.length, brotli: brotli.length };
}

// The entry, what it imports and the style sheets are all named there.
const index = readFileSync(join(DIST, 'index.html'), 'utf8');
const first = files.filter((it) => /\.(js|css)$/.test(it.name) && index.includes(`"${it.name}"`));
const total = {
  name: 'first load',
  size: sum(first.map((it) => it.size)),
  gzip: sum(first.map((it) => it.gzip)),
  brotli: sum(first.map((it) => it.brotli)),
};

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((a, b) => a + b, 0);
}

console.table([...first, total]);
if (first.length === 0 || total.gzip > LIMIT) {
  console.error(`The first load must be at most ${LIMIT} bytes of JavaScript and CSS with gzip.`);
  process.exit(1);
}
