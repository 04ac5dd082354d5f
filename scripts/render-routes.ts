import { globSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import type { Module } from '@plinth/contract';
import { renderOpenApi } from '@plinth/contract/openapi';
import { renderRoutes } from '@plinth/contract/routes-table';

/** Renders what is derived from the contracts; with `--check` compares it with what is there. */
const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const modules: Module[] = [];
for (const path of globSync('modules/*/src/contract.ts', { cwd: root }).toSorted()) {
  const exported: Record<string, unknown> = await import(join(root, path));
  modules.push(...Object.values(exported).filter(isModule));
}

const rendered = new Map([
  ['apps/web/src/data/routes.gen.ts', renderRoutes(modules)],
  ['docs/reference/openapi.json', renderOpenApi(modules)],
]);
for (const [path, text] of rendered) {
  const target = join(root, path);
  const present = await readFile(target, 'utf8').catch(() => '');
  if (present === text) continue;
  if (values.check) {
    console.error(`${path} is not what the contracts say: run node scripts/render-routes.ts`);
    process.exitCode = 1;
  } else {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
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
