import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

import { z } from 'zod';

export { messages } from './build/messages-plugin.ts';
export { plainImports } from './build/plain-imports.ts';

const builder = fileURLToPath(import.meta.url);
const root = fileURLToPath(new URL('.', import.meta.url));
const repository = resolve(root, '../..');
const dist = join(root, 'dist');
const recordPath = join(dist, 'build.json');
/** What no module of the graph is, and yet decides the result. */
const besides = [
  'apps/web/index.html',
  'apps/web/vite.config.ts',
  'apps/web/build.ts',
  'package-lock.json',
];

const buildIdDigits = 12;
const buildWithinMs = 120_000;
const run = promisify(execFile);

/** `id` names the build to browsers and servers. */
const record = z.object({ id: z.string(), hash: z.string(), sources: z.array(z.string()) });

export interface Built {
  /** Where the files are: `index.html` and `assets/`. */
  readonly folder: string;
  /** False: the sources are those of the last build. */
  readonly fresh: boolean;
  readonly ms: number;
}

/**
 * Builds the page into `dist/`, with `.br` and `.gz` beside what they make at least 5 % smaller.
 *
 * Skips when no source of the last build has changed: the module graph is written down with it, so a file that is
 * not in it cannot matter.
 */
export async function buildWeb(options: { readonly force?: boolean } = {}): Promise<Built> {
  const begun = performance.now();
  const present = await readRecord();
  const upToDate =
    options.force !== true &&
    present !== undefined &&
    besides.every((path) => present.sources.includes(path)) &&
    (await hashOf(present.sources)) === present.hash;
  // Elsewhere: what a bundler takes of memory, the process that goes on to serve would keep.
  if (!upToDate) await run(process.execPath, [builder], { timeout: buildWithinMs });
  return { folder: dist, fresh: !upToDate, ms: Math.round(performance.now() - begun) };
}

async function rebuild(): Promise<void> {
  const { build } = await import('vite');
  const sources = new Set(besides);
  await rm(dist, { recursive: true, force: true });
  await build({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    plugins: [
      {
        name: 'plinth:sources',
        generateBundle() {
          for (const id of this.getModuleIds()) {
            const path = relative(repository, id.split('?')[0] ?? id);
            const own = !path.startsWith('..') && !path.includes('node_modules');
            if (own && !id.startsWith('\0')) sources.add(path);
          }
        },
      },
    ],
  });
  await writeLooks();
  await writePreloads();
  await compressAll();
  const list = [...sources].toSorted();
  const hash = await hashOf(list);
  const id = hash.slice(0, buildIdDigits);
  await writeFile(recordPath, JSON.stringify({ id, hash, sources: list }));
}

const themes = ['light', 'dark', 'system'];
const densities = ['comfortable', 'default', 'compact'];

/** The shell by the cookie `ui`: the first drawing has the theme that was chosen, without a script. */
async function writeLooks(): Promise<void> {
  const html = await readFile(join(dist, 'index.html'), 'utf8');
  for (const theme of themes) {
    for (const density of densities) {
      const look = html
        .replace('data-theme="system"', `data-theme="${theme}"`)
        .replace('data-density="default"', `data-density="${density}"`);
      await writeFile(join(dist, `index.${theme}.${density}.html`), look);
    }
  }
}

const routeLine = /path: '([^']+)', load: \(\) => import\('\.\/([^']+)'\)/gu;
const manifestShape = z.record(
  z.string(),
  z.object({
    file: z.string(),
    isEntry: z.boolean().optional(),
    imports: z.array(z.string()).default([]),
  }),
);

/** What each page needs beside the entry, for the server's `Link` header. */
async function writePreloads(): Promise<void> {
  const manifestText = await readFile(join(dist, '.vite/manifest.json'), 'utf8');
  const manifest = manifestShape.parse(JSON.parse(manifestText));
  const table = await readFile(join(root, 'src/routes/table.ts'), 'utf8');
  const graph = (key: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(key)) return seen;
    seen.add(key);
    for (const imported of manifest[key]?.imports ?? []) graph(imported, seen);
    return seen;
  };
  const entries = Object.keys(manifest).filter((key) => manifest[key]?.isEntry === true);
  // The entry itself stands in the HTML; what it imports does not.
  const always = new Set(entries.flatMap((key) => [...graph(key)]));
  const preloads = [...table.matchAll(routeLine)].flatMap(([, path, page = '']) => {
    const key = `src/routes/${page}`;
    if (path === undefined || manifest[key] === undefined) return [];
    const keys = new Set([...always, ...graph(key)]).difference(new Set(entries));
    const files = [...keys].map((one) => `/${manifest[one]?.file ?? ''}`);
    return [[path, files.filter((file) => file.endsWith('.js'))]];
  });
  await writeFile(join(dist, 'preload.json'), JSON.stringify(preloads));
}

async function readRecord(): Promise<z.output<typeof record> | undefined> {
  const text = await readFile(recordPath, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : record.safeParse(JSON.parse(text)).data;
}

/** A file that is gone counts as changed. */
async function hashOf(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  const contents = await Promise.all(
    sources.map((path) => readFile(join(repository, path)).catch(() => 'gone')),
  );
  for (const [at, content] of contents.entries()) {
    hash.update(`${sources[at] ?? ''}\n`).update(content);
  }
  return hash.digest('hex');
}

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);
const worthRatio = 0.95;
const compressible = /\.(?:html|js|css|svg|json)$/u;

async function compressAll(): Promise<void> {
  const files = await readdir(dist, { recursive: true });
  await Promise.all(files.filter((file) => compressible.test(file)).map(compress));
}

async function compress(file: string): Promise<void> {
  const path = join(dist, file);
  const bytes = await readFile(path);
  const results = [
    ['br', await brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })],
    ['gz', await gzipped(bytes, { level: 9 })],
  ] as const;
  for (const [suffix, made] of results) {
    if (made.length <= bytes.length * worthRatio) await writeFile(`${path}.${suffix}`, made);
  }
}

if (import.meta.main) await rebuild();
