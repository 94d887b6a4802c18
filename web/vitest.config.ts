import { defineConfig } from 'vitest/config';

/**
 * What depends on the way to the server, by file: who may come and stays signed in, the stream, what a browser keeps,
 * and what it leaves out where it does not trust the connection. How a view looks and behaves does not.
 */
const ON_EACH_WAY = [
  'access',
  'addresses',
  'blocked',
  'closed',
  'guest',
  'journeys',
  'resume',
  'session',
  'tabs',
];

/** The tests in real browsers, on one of the ways to the server. Each file has a server and a browser of its own. */
function e2e(name: string, env: Record<string, string>, files = ON_EACH_WAY) {
  return {
    test: {
      name,
      env,
      include: files.map((it) => `e2e/${it}.test.ts`),
      fileParallelism: false,
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'] } },
      e2e('e2e', {}, ['**/*']),
      e2e('e2e-plain', { E2E_WAY: 'plain' }),
      // Node's own requests take the server's certificate, too.
      e2e('e2e-tls', { E2E_WAY: 'tls', NODE_TLS_REJECT_UNAUTHORIZED: '0' }),
      {
        test: {
          name: 'screenshots',
          include: ['e2e/**/*.screenshots.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'bench',
          include: ['bench/**/*.bench.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
