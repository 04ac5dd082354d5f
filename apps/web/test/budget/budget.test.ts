import { deepEqual, ok } from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { z } from 'zod';

import { buildWeb } from '../../build.ts';

/** Bytes after Brotli 11: web.md §1. */
const budgets = { entry: 30 * 1024, entryAndList: 46 * 1024, css: 10 * 1024, lazyChunk: 30 * 1024 };

const chunk = z.object({
  file: z.string(),
  isEntry: z.boolean().optional(),
  imports: z.array(z.string()).default([]),
});
const manifestShape = z.record(z.string(), chunk);

let folder = '';
let manifest: z.output<typeof manifestShape> = {};

before(async () => {
  ({ folder } = await buildWeb());
  const text = await readFile(join(folder, '.vite/manifest.json'), 'utf8');
  manifest = manifestShape.parse(JSON.parse(text));
});

async function sizeOf(file: string): Promise<number> {
  const path = join(folder, file);
  const compressed = await stat(`${path}.br`).catch(() => undefined);
  return (compressed ?? (await stat(path))).size;
}

/** A chunk with all that it imports: what a browser loads for it. */
function graphOf(key: string, seen = new Set<string>()): Set<string> {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const imported of manifest[key]?.imports ?? []) graphOf(imported, seen);
  return seen;
}

async function weigh(keys: Iterable<string>): Promise<number> {
  const files = new Set([...keys].map((key) => manifest[key]?.file ?? ''));
  const sizes = await Promise.all([...files].map(sizeOf));
  return sizes.reduce((sum, size) => sum + size, 0);
}

const entryKey = () =>
  Object.keys(manifest).find((key) => manifest[key]?.isEntry === true) ?? 'no entry';
const listKey = 'src/routes/invoices/page.tsx';

test('the entry with the shell is at most 30 KB', async () => {
  const size = await weigh(graphOf(entryKey()));

  ok(size <= budgets.entry, `${size} bytes`);
});

test('the entry with the list of invoices is at most 46 KB', async () => {
  const size = await weigh([...graphOf(entryKey()), ...graphOf(listKey)]);

  ok(manifest[listKey] !== undefined, 'the list of invoices is a chunk of its own');
  ok(size <= budgets.entryAndList, `${size} bytes`);
});

test('all style sheets together are at most 10 KB', async () => {
  const sheets = (await readdir(join(folder, 'assets'))).filter((name) => name.endsWith('.css'));
  const sizes = await Promise.all(sheets.map((name) => sizeOf(`assets/${name}`)));
  const size = sizes.reduce((sum, one) => sum + one, 0);

  ok(sheets.length > 0 && size <= budgets.css, `${size} bytes`);
});

test('no chunk is above 30 KB', async () => {
  const chunks = Object.values(manifest).filter(({ file }) => file.endsWith('.js'));
  const sized = await Promise.all(
    chunks.map(async ({ file }) => ({ file, size: await sizeOf(file) })),
  );

  deepEqual(
    sized.filter(({ size }) => size > budgets.lazyChunk),
    [],
  );
});

test('every page names its chunks for the server to announce, those of the list too', async () => {
  const text = await readFile(join(folder, 'preload.json'), 'utf8');
  const preloads = new Map(
    z.array(z.tuple([z.string(), z.array(z.string())])).parse(JSON.parse(text)),
  );
  const table = await readFile(join(import.meta.dirname, '../../src/routes/table.ts'), 'utf8');
  const paths = [...table.matchAll(/path: '([^']+)'/gu)].map(([, path]) => path ?? '');

  const product = paths.filter((path) => !path.startsWith('/kit'));
  deepEqual([...preloads.keys()], product);
  deepEqual(
    preloads.get('/invoices')?.toSorted(),
    [...new Set([...graphOf(listKey), ...graphOf(entryKey())])]
      .filter((key) => key !== entryKey())
      .map((key) => `/${manifest[key]?.file ?? ''}`)
      .toSorted(),
  );
});

test('every asset has a hash in its name, so that it may be kept for ever', async () => {
  const names = await readdir(join(folder, 'assets'));

  deepEqual(
    names.filter((name) => !/^[\w-]+\.[a-z0-9]{8}\.\w+(?:\.br|\.gz)?$/u.test(name)),
    [],
  );
});
