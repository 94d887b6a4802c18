import { defineConfig } from 'vitest/config';

/** Each file has a server and a browser of its own. */
const E2E = { fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'] } },
      { test: { name: 'e2e', include: ['e2e/**/*.test.ts'], ...E2E } },
      {
        test: {
          name: 'e2e-tls',
          include: ['e2e/**/*.test.ts'],
          // What a view looks like does not depend on the transport.
          exclude: ['e2e/accessibility.test.ts'],
          // Node's own requests take the server's certificate, too.
          env: { E2E_TLS: '1', NODE_TLS_REJECT_UNAUTHORIZED: '0' },
          ...E2E,
        },
      },
      {
        test: {
          name: 'screenshots',
          include: ['e2e/**/*.screenshots.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: 'bench', include: ['bench/**/*.bench.ts'], ...E2E } },
    ],
  },
});
