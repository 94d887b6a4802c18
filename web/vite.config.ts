import { defineConfig } from 'vite';

const server = 'http://127.0.0.1:8000';

export default defineConfig({
  server: { proxy: { '/api': server, '/sse': server } },
  build: {
    target: 'es2022',
    // The Content-Security-Policy allows neither inline scripts nor fonts from `data:`.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
