import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import type { Module } from '@plinth/contract';
import { renderRoutes } from '@plinth/contract/routes-table';

/** Renders what a browser knows of the contracts; with `--check` compares it with what is there. */
const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const modules: Module[] = [];
for (const path of globSync('modules/*/src/contract.ts', { cwd: root }).toSorted()) {
  const exported: Record<string, unknown> = await import(join(root, path));
  modules.push(...Object.values(exported).filter(isModule));
}

const path = 'apps/web/src/data/routes.gen.ts';
const target = join(root, path);
const text = renderRoutes(modules);
const present = await readFile(target, 'utf8').catch(() => '');
if (values.check && present !== text) {
  console.error(`${path} is not what the contracts say: run node scripts/render-routes.ts`);
  process.exitCode = 1;
} else if (present !== text) {
  await writeFile(target, text);
}

function isModule(value: unknown): value is Module {
  return (
    typeof value === 'object' &&
    value !== null &&
    'operations' in value &&
    'events' in value &&
    'views' in value
  );
}
