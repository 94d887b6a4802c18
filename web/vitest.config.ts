import { defineConfig } from 'vitest/config';

const ON_ONE_WAY = [
  'accessibility',
  'grid',
  'head',
  'install',
  'language',
  'load',
  'notifications',
  'puzzle',
];

/** The tests in real browsers, on one of the ways to the server. Each file has a server and a browser of its own. */
function e2e(name: string, env: Record<string, string>) {
  return {
    test: {
      name,
      env,
      include: ['e2e/**/*.test.ts'],
      // What a view looks like and says, how much it takes and what a worker finds out do not depend on the way; notifications
      // and installing need one that browsers trust.
      exclude: name === 'e2e' ? [] : ON_ONE_WAY.map((it) => `e2e/${it}.test.ts`),
      fileParallelism: false,
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'] } },
      e2e('e2e', {}),
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
