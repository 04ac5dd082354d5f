import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { bodyTag, matchesNone } from './etag.ts';
import { cacheControl } from './cache-presets.ts';
import { findCookie } from './cookies.ts';
import { chooseEncoding, type Encoding } from './encoding.ts';
import { type PageLinks, readPageLinks } from './page-links.ts';
import type { HeaderList } from './security-headers.ts';
import { shellPolicy, type Build } from './security-headers.ts';

/** One file, ready to be sent in each coding that the build made. */
export interface Asset {
  readonly tag: string | undefined;
  readonly encodings: readonly Encoding[];
  readonly bodies: ReadonlyMap<Encoding | 'identity', Prepared>;
  readonly notModified: HeaderList;
}
interface Prepared {
  readonly headers: HeaderList;
  readonly body: Buffer;
}
/** What to send for a request that has these headers. */
export interface AssetAnswer {
  readonly status: 200 | 304 | 406;
  readonly headers: HeaderList;
  readonly body?: Buffer;
}

export interface Assets {
  find(path: string): Asset | undefined;
  /** `index.html`, for every address that is a page; `index.<look>.html` where the cookie `ui` names a look. */
  shell(cookies: string): Asset | undefined;
  readonly linksOf: PageLinks;
}

const bytesMax = 64 * 1_048_576;
const fingerprinted = /[.-][0-9A-Za-z_-]{8,}\.\w+$/u;
const codings: Readonly<Record<string, Encoding>> = { '.br': 'br', '.zst': 'zstd', '.gz': 'gzip' };
const mediaTypes: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  map: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  wasm: 'application/wasm',
  webmanifest: 'application/manifest+json',
  webp: 'image/webp',
  woff2: 'font/woff2',
};

/**
 * Reads a build into memory. What lies under `assets/` is kept by browsers for a year, so its name has a hash; all
 * else is asked for again each time. Codings are those that the build made beside a file (`.br`, `.gz`, `.zst`).
 *
 * @throws {TypeError} for a file under `assets/` without a hash in its name, and beyond 64 MiB in all.
 */
export async function loadAssets(folder: string, common: HeaderList): Promise<Assets> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replace(/^\/?/u, '/'))
    .toSorted();
  const all = new Set(paths);
  const plain = paths.filter((path) => !(suffixOf(path) in codings && all.has(stem(path))));
  await checkSize(folder, paths);
  const loaded = new Map<string, Asset>();
  for (const path of plain) loaded.set(path, await loadAsset(folder, path, { all, common }));
  return {
    find: (path) => loaded.get(path),
    shell: (cookies) =>
      loaded.get(`/index.${findCookie(cookies, 'ui')}.html`) ?? loaded.get('/index.html'),
    linksOf: await readPageLinks(folder),
  };
}

/** `build.json` beside the shell: `{ "id": "…", "min": "…" }`, ordered by their text. */
export async function readBuild(folder: string): Promise<Build | undefined> {
  const text = await readFile(join(folder, 'build.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed: unknown = JSON.parse(text);
  const { id, min = id } = Object(parsed);
  if (typeof id === 'string' && typeof min === 'string') return { id, min };
  throw new TypeError('build.json names the build: { "id": "…", "min": "…" }.');
}

export function answerAsset(
  asset: Asset,
  from: { readonly acceptEncoding: string; readonly ifNoneMatch: string },
): AssetAnswer {
  if (asset.tag !== undefined && from.ifNoneMatch !== '') {
    if (matchesNone(from.ifNoneMatch, asset.tag))
      return { status: 304, headers: asset.notModified };
  }
  const chosen = chooseEncoding(from.acceptEncoding, asset.encodings);
  const prepared = chosen === undefined ? undefined : asset.bodies.get(chosen);
  if (prepared === undefined) return { status: 406, headers: asset.notModified };
  return { status: 200, headers: prepared.headers, body: prepared.body };
}

async function loadAsset(
  folder: string,
  path: string,
  { all, common }: { readonly all: ReadonlySet<string>; readonly common: HeaderList },
): Promise<Asset> {
  const isKept = path.startsWith('/assets/');
  if (isKept && !fingerprinted.test(path)) {
    throw new TypeError(`${path}: a file under assets/ has a hash in its name.`);
  }
  const body = await readFile(join(folder, path));
  const tag = isKept ? undefined : bodyTag(body);
  const type = mediaTypes[suffixOf(path).slice(1)] ?? 'application/octet-stream';
  const head = [
    ...common,
    'cache-control',
    cacheControl[isKept ? 'asset' : 'page'],
    'vary',
    type.startsWith('text/html') ? 'Accept-Encoding, Cookie' : 'Accept-Encoding',
    ...(tag === undefined ? [] : ['etag', tag]),
  ];
  const full = [
    ...head,
    'content-type',
    type,
    ...(type.startsWith('text/html') ? ['content-security-policy', shellPolicy] : []),
  ];
  const bodies = new Map<Encoding | 'identity', Prepared>();
  bodies.set('identity', prepare(full, body));
  for (const [suffix, encoding] of Object.entries(codings)) {
    if (!all.has(path + suffix)) continue;
    const coded = await readFile(join(folder, path + suffix));
    bodies.set(encoding, prepare([...full, 'content-encoding', encoding], coded));
  }
  const encodings = [...bodies.keys()].filter((encoding) => encoding !== 'identity');
  return { tag, bodies, encodings, notModified: head };
}

function prepare(headers: HeaderList, body: Buffer): Prepared {
  return { headers: [...headers, 'content-length', String(body.length)], body };
}

async function checkSize(folder: string, paths: readonly string[]): Promise<void> {
  let bytes = 0;
  for (const path of paths) bytes += (await stat(join(folder, path))).size;
  if (bytes > bytesMax) throw new TypeError(`The build is larger than ${bytesMax} bytes.`);
}

const suffixOf = (path: string): string => /\.\w+$/u.exec(path)?.[0] ?? '';
const stem = (path: string): string => path.slice(0, path.length - suffixOf(path).length);
