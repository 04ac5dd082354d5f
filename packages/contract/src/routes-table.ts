import type { Module, Operation } from './contract.ts';

/** TypeScript source of the browser's route table: `METHOD /path flags` for each operation, and the modules' types. */
export function renderRoutes(modules: readonly Module[]): string {
  const sorted = modules.toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
  const names = sorted.map(({ name }) => name);
  const lines = [
    '// Rendered from the contracts by `node scripts/render-routes.ts`.',
    ...names.map((name) => `import type { ${name} } from '@plinth/${name}';`),
    '',
    'export type Modules = {',
    ...names.map((name) => `  readonly ${name}: typeof ${name};`),
    '};',
    '',
    'export const routes = {',
  ];
  for (const { name, operations } of sorted) {
    lines.push(`  ${name}: {`);
    for (const [operation, def] of Object.entries(operations)) {
      const route = routeOf(def);
      if (route !== undefined) lines.push(...entryLines(operation, route));
    }
    lines.push('  },');
  }
  return `${[...lines, '};'].join('\n')}\n`;
}

const columnsMax = 100;

/** Broken as the formatter breaks it: the file is compared byte by byte. */
function entryLines(name: string, route: string): string[] {
  const line = `    ${name}: '${route}',`;
  return line.length <= columnsMax ? [line] : [`    ${name}:`, `      '${route}',`];
}

function routeOf({ type, http }: Operation): string | undefined {
  if (http === undefined) return undefined;
  const flags = [
    http.ifMatch === undefined ? '' : 'v',
    http.idempotency === undefined ? '' : 'k',
    type === 'stream' ? 's' : '',
    http.upload === undefined ? '' : 'u',
  ].join('');
  return `${http.method} ${http.path} ${flags}`.trim();
}
