import { fileURLToPath } from 'node:url';

import tailwind from '@tailwindcss/vite';
import { defineConfig } from 'vite';

import { messages, plainImports } from '@plinth/web/build';

const root = fileURLToPath(new URL('.', import.meta.url));
const named = 'assets/[name].[hash:8]';

export default defineConfig({
  root,
  plugins: [tailwind({ optimize: false }), messages(), plainImports()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: {
    alias: [
      { find: /^react(?:-dom)?$/u, replacement: 'preact/compat' },
      { find: /^react-dom\/client$/u, replacement: 'preact/compat/client' },
      { find: /^react\/jsx-runtime$/u, replacement: 'preact/jsx-runtime' },
    ],
  },
  build: {
    outDir: 'dist',
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
    },
  },
});
