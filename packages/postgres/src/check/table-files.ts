import { globSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { TableFile } from './check-sql.ts';

const mark = '?check-sql';
let isHooked = false;

/** Loads every `…-table.ts` of a project with all its constants: a statement need not be exported to be checked. */
export async function loadTableFiles(root: string): Promise<TableFile[]> {
  exportConstants();
  const pattern = '{packages,modules,apps}/*/src/**/*-table.ts';
  const paths = globSync(pattern, { cwd: root }).toSorted();
  return Promise.all(
    paths.map(async (path) => {
      const exports: unknown = await import(pathToFileURL(resolve(root, path)).href + mark);
      return {
        path,
        exports: typeof exports === 'object' && exports !== null ? { ...exports } : {},
      };
    }),
  );
}

function exportConstants(): void {
  if (isHooked) return;
  isHooked = true;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const { source } = loaded;
      if (!url.endsWith(mark) || source === undefined) return loaded;
      const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
      const hidden = Array.from(text.matchAll(/^const (\w+)\b/gmu), ([, name]) => name);
      return { ...loaded, source: `${text}\nexport { ${hidden.join(', ')} };\n` };
    },
  });
}
