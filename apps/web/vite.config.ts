import { fileURLToPath } from 'node:url';

import tailwind from '@tailwindcss/vite';
import { defineConfig } from 'vite';

import { messages } from './build/messages-plugin.ts';
import { plainImports } from './build/plain-imports.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
/** http serves what is named `name.<hash8>.ext` for ever, and refuses any other name below `/assets/`. */
const named = 'assets/[name].[hash:8]';

/** The API of `npm start`, for `npx vite` beside it. */
const apiUrl = 'http://127.0.0.1:3000';

export default defineConfig({
  root,
  plugins: [tailwind({ optimize: false }), messages(), plainImports()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: {
    alias: [
      { find: /^react(?:-dom)?$/u, replacement: 'preact/compat' },
      { find: /^react-dom\/client$/u, replacement: 'preact/compat/client' },
      { find: /^react\/jsx-runtime$/u, replacement: 'preact/jsx-runtime' },
      // The package's binding carries suspense, error boundaries and hydration: 1 KB of the first load that
      // nothing here uses. Ours is the same three names over the same core; the types stay the package's.
      {
        find: /^@tanstack\/react-query$/u,
        replacement: fileURLToPath(new URL('./src/data/react-query.ts', import.meta.url)),
      },
    ],
  },
  server: {
    proxy: { '/v1': apiUrl, '/rt': { target: apiUrl, changeOrigin: false } },
  },
  build: {
    outDir: 'dist',
    manifest: true,
    // Browsers of the last two years: `light-dark()` and nesting stay as they are written.
    target: ['chrome125', 'firefox126', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        hashCharacters: 'base36',
        entryFileNames: `${named}.js`,
        chunkFileNames: `${named}.js`,
        assetFileNames: `${named}[extname]`,
      },
      onLog(level, log, write) {
        // TanStack Query's "use client" lines mean nothing here.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') write(level, log);
      },
    },
  },
});
