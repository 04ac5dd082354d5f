import { globSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { main } from '@plinth/cli';
import type { Module } from '@plinth/contract';
import { renderOpenApi } from '@plinth/contract/openapi';
import type { Config } from '@plinth/core';
import { jobs } from '@plinth/jobs';
import { catalogue } from '@plinth/telemetry';

/** Renders `docs/reference/` from the code; with `--check` compares it with what is there. */
const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const modules = [...(await readContracts()), jobs];
const rendered: Readonly<Record<string, string>> = {
  'openapi.json': renderOpenApi(modules),
  'config.md': await renderConfig(),
  'metrics.md': await renderMetrics(),
  'permissions.md': await renderPermissions(),
  'commands.md': await renderCommands(),
};
for (const [name, text] of Object.entries(rendered)) {
  const path = join('docs', 'reference', name);
  const present = await readFile(join(root, path), 'utf8').catch(() => '');
  if (present === text) continue;
  if (values.check) {
    console.error(`${path} is not what the code says: run node scripts/render-reference.ts`);
    process.exitCode = 1;
  } else {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

async function readContracts(): Promise<Module[]> {
  const found: Module[] = [];
  for (const path of globSync('modules/*/src/contract.ts', { cwd: root }).toSorted()) {
    const exported: Record<string, unknown> = await import(join(root, path));
    found.push(...Object.values(exported).filter(isModule));
  }
  return found;
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

async function renderConfig(): Promise<string> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own file
  const { configs } = (await import(join(root, 'apps/server/src/configs.ts'))) as {
    configs: readonly Config[];
  };
  const rows = configs.flatMap(({ owner, variables }) =>
    Object.values(variables).map(({ name, secret, optional, meta }) => [
      code(name),
      owner,
      secret ? 'unset (secret)' : optional ? 'unset' : code(inWords(meta.default)),
      meta.doc.replace(/\.$/u, ''),
    ]),
  );
  return page(
    'Configuration',
    'Each variable of the environment, read once at the start. `X_FILE` names a file with the value of `X`. Durations are written `500ms`, `30s`, `5m`, `12h`, `7d` (defaults stand here in milliseconds), sizes `64KiB`, `1MiB` (here in bytes), lists with commas, switches `1` or `0`. `plinth config` shows what a process would take, and `PLINTH_STRICT_CONFIG=1` refuses names that nobody declared.',
    table(['variable', 'owner', 'default', 'what it is'], rows),
  );
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',');
  return String(value);
}

/** A metric is given if a package names it; the others wait for what they measure. */
async function renderMetrics(): Promise<string> {
  const ownersOf = new Map<string, Set<string>>();
  for (const path of globSync('packages/*/src/**/*.ts', { cwd: root }).toSorted()) {
    if (/catalogue\.ts$|\.test\.ts$/u.test(path)) continue;
    const owner = path.split('/')[1] ?? '';
    const text = await readFile(join(root, path), 'utf8');
    for (const name of metricsIn(text, owner))
      ownersOf.set(name, (ownersOf.get(name) ?? new Set()).add(owner));
  }
  const rows = [...catalogue.values()].map(({ name, kind, labels }) => [
    code(name),
    kind,
    labels.map(code).join(', ') || '–',
    [...(ownersOf.get(name) ?? [])].join(', ') || 'not yet',
  ]);
  return page(
    'Metrics',
    "The catalogue of metrics (`packages/telemetry/src/catalogue.ts`), as `GET /metrics` of the ops listener gives them in Prometheus' text format. A module's own begin with `app_<module>_` and need no row. `instance`, `role`, `machine` and `site` are set by the scrape.",
    table(['metric', 'kind', 'labels', 'given by'], rows),
  );
}

/** Whole names, and those put together: `plinth_cache_${name}`, `nodejs_eventloop_delay_${part}_seconds`. */
function metricsIn(text: string, owner: string): string[] {
  const words = Array.from(text.matchAll(/'([a-z]\w+)'/gu), ([, word = '']) => word);
  const templates = Array.from(
    text.matchAll(/`([a-z_]+)\$\{\w+\}([a-z_]+)`/gu),
    ([, head, tail]) => new RegExp(`^${head}[a-z0-9]+${tail}$`, 'u'),
  );
  const named = words.flatMap((word) => [word, `plinth_${owner}_${word}`]);
  const made = [...catalogue.keys()].filter((name) => templates.some((form) => form.test(name)));
  return [...named.filter((name) => catalogue.has(name)), ...made];
}

async function renderPermissions(): Promise<string> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own file
  const { rolePermissions } = (await import(join(root, 'modules/identity/src/permissions.ts'))) as {
    rolePermissions: Readonly<Record<string, ReadonlySet<string>>>;
  };
  const roles = Object.entries(rolePermissions);
  const operations = new Map<string, string[]>();
  for (const { name: module, operations: own } of modules) {
    for (const [name, { permission }] of Object.entries(own)) {
      operations.set(permission, [...(operations.get(permission) ?? []), `${module}.${name}`]);
    }
  }
  const rows = [...operations.keys()]
    .toSorted()
    .map((permission) => [
      code(permission),
      ...roles.map(([, granted]) =>
        permission === 'public' || granted.has(permission) ? 'yes' : '–',
      ),
      (operations.get(permission) ?? []).map(code).join(', '),
    ]);
  return page(
    'Permissions',
    'Who may call what: the roles of `modules/identity/src/permissions.ts` and the operations of all contracts. `public` needs no session. An API key has at most what its maker has, without `identity.*` and `notifications.self`.',
    table(['permission', ...roles.map(([role]) => role), 'operations'], rows),
  );
}

async function renderCommands(): Promise<string> {
  const overview = await say('--help');
  const names = Array.from(overview.matchAll(/^ {2}(\w+) {2}/gmu), ([, name = '']) => name);
  const parts = [fence(overview)];
  for (const name of names) parts.push(`## plinth ${name}\n\n${fence(await say(name, '--help'))}`);
  return page(
    'Commands',
    '`npx plinth COMMAND` in the repository. Results go to standard output, progress and messages to standard error; exit codes: `packages/cli/README.md`.',
    parts.join('\n\n'),
  );
}

async function say(...words: readonly string[]): Promise<string> {
  let text = '';
  await main({
    argv: ['node', 'plinth', ...words],
    env: { NO_COLOR: '1' },
    stdout: { write: (part: string) => (text += part) },
    stderr: { write: (part: string) => (text += part) },
    cwd: () => root,
  });
  return text.trimEnd();
}

function page(title: string, introduction: string, body: string): string {
  const origin = '<!-- rendered by scripts/render-reference.ts -->';
  return `${origin}\n\n# ${title}\n\n${introduction}\n\n${body}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

function fence(text: string): string {
  return `\`\`\`\n${text}\n\`\`\``;
}
