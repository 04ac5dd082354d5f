import { compileCatalogue } from '@plinth/ui/i18n/compile';
import type { Plugin } from 'vite';
import { z } from 'zod';

const catalogue = z.record(z.string(), z.string());

/** Turns `messages/…/*.json` into modules of compiled messages; a malformed message fails the build. */
export function messages(): Plugin {
  return {
    name: 'plinth:messages',
    enforce: 'pre',
    transform: {
      filter: { id: /\/messages\/.+\.json$/u },
      handler(text) {
        return {
          code: compileCatalogue(catalogue.parse(JSON.parse(text))),
          map: null,
          moduleType: 'js',
        };
      },
    },
  };
}
