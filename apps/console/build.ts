import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const builder = fileURLToPath(import.meta.url);
const root = fileURLToPath(new URL('.', import.meta.url));
const repository = resolve(root, '../..');
const dist = join(root, 'dist');
const recordPath = join(dist, 'build.txt');
const sources = [
  'apps/console/*.{html,ts}',
  'apps/console/src/page/**',
  'packages/ui/src/**/*.{ts,tsx,css,json,svg}',
  'package-lock.json',
];
const buildWithinMs = 120_000;

/** Builds the page into `dist/`, unless no source has changed since. @returns the folder. */
export async function buildConsole(): Promise<string> {
  const built = await readFile(recordPath, 'utf8').catch(() => '');
  if (built === (await hashOfSources())) return dist;
  // Elsewhere: what a bundler takes of memory, the process that goes on to serve would keep.
  await promisify(execFile)(process.execPath, [builder], { timeout: buildWithinMs });
  return dist;
}

async function hashOfSources(): Promise<string> {
  const paths = globSync(sources, { cwd: repository }).toSorted();
  const files = paths.filter((path) => /\.\w+$/u.test(path));
  const hash = createHash('sha256');
  for (const path of files) hash.update(path).update(await readFile(join(repository, path)));
  return hash.digest('hex');
}

async function rebuild(): Promise<void> {
  const { build } = await import('vite');
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
  await writeFile(recordPath, await hashOfSources());
}

if (import.meta.main) await rebuild();
