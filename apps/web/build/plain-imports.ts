import type { Plugin } from 'vite';

/**
 * Leaves dynamic imports as they are. Vite wraps each in code that preloads what the chunk needs, 1 KB of the first
 * load; here the server's Link header and the router's prefetch do its work, and one style sheet holds all styles.
 */
export function plainImports(): Plugin {
  return {
    name: 'plinth:plain-imports',
    enforce: 'pre',
    load: {
      filter: { id: /vite\/preload-helper/u },
      handler: () => 'export const __vitePreload = (load) => load();',
    },
  };
}
