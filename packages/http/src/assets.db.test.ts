import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { loadAssets } from './assets.ts';
import { config, problemOf, startNotes } from './notes-app.test.ts';
import { shellPolicy } from './security-headers.ts';

const script = 'console.log("a");\n'.repeat(100);
const shell = '<!doctype html><title>Plinth</title>';

async function build(t: TestContext, more: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-assets-'));
  t.after(() => rm(folder, { recursive: true }));
  const files: Record<string, string | Buffer> = {
    'index.html': shell,
    'build.json': '{"id":"20260115-1","min":"20260101-1"}',
    'favicon.svg': '<svg/>',
    'assets/main.0123abcd.js': script,
    'assets/main.0123abcd.js.br': brotliCompressSync(script),
    'assets/main.0123abcd.js.gz': gzipSync(script),
    ...more,
  };
  await mkdir(join(folder, 'assets'));
  for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content);
  return folder;
}

test('a fingerprinted file is kept for a year, in the coding that the client takes', async (t) => {
  const app = await startNotes(t, { assets: await build(t) });
  const read = (acceptEncoding: string) =>
    fetch(`${app.url}/assets/main.0123abcd.js`, { headers: { 'accept-encoding': acceptEncoding } });

  const responses = [await read('br, gzip'), await read('gzip'), await read('identity')];
  const refused = await read('identity;q=0');

  assert.deepEqual(
    responses.map(({ headers }) => headers.get('content-encoding')),
    ['br', 'gzip', null],
  );
  for (const response of responses) {
    assert.equal(await response.text(), script);
    assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.equal(response.headers.get('vary'), 'Accept-Encoding');
    assert.equal(response.headers.get('plinth-build'), '20260115-1');
    assert.equal(response.headers.get('plinth-min-build'), '20260101-1');
  }
  assert.equal(refused.status, 406);
});

test('a file that is missing is 404 and never the shell', async (t) => {
  const app = await startNotes(t, { assets: await build(t) });

  const response = await fetch(`${app.url}/assets/main.99999999.js`, {
    headers: { accept: 'text/html' },
  });

  assert.equal(response.status, 404);
  assert.equal(response.headers.get('cache-control'), 'no-store');
});

test('the shell has the look of the cookie `ui`, and names the scripts of the page', async (t) => {
  const dark = '<!doctype html><html data-theme="dark">';
  const more = {
    'index.dark.compact.html': dark,
    'preload.json': '[["/notes/:id", ["/assets/main.0123abcd.js"]]]',
  };
  const app = await startNotes(t, { assets: await build(t, more) });
  const read = async (path: string, cookie: string) => {
    const response = await fetch(app.url + path, { headers: { accept: 'text/html', cookie } });
    return { body: await response.text(), headers: response.headers };
  };

  const known = await read('/notes/7?tab=a', 'a=b; ui=dark.compact; c=d');
  const others = [
    await read('/', 'ui=../../secret'),
    await read('/notes/7/edit', 'ui=nothing'),
    await read('/', ''),
  ];

  assert.equal(known.body, dark);
  assert.equal(known.headers.get('link'), '</assets/main.0123abcd.js>; rel=modulepreload');
  assert.equal(known.headers.get('vary'), 'Accept-Encoding, Cookie');
  for (const other of others) {
    assert.equal(other.body, shell);
    assert.equal(other.headers.get('link'), null);
    assert.notEqual(other.headers.get('etag'), known.headers.get('etag'));
  }
});

test('every address that is a page answers the shell, asked for again each time', async (t) => {
  const app = await startNotes(t, { assets: await build(t) });
  const read = (path: string, headers: Record<string, string> = {}) =>
    fetch(app.url + path, { headers: { accept: 'text/html', ...headers } });

  const page = await read('/invoices/1?tab=lines');
  const tag = page.headers.get('etag') ?? '';
  const again = await read('/customers', { 'if-none-match': tag });

  assert.equal(await page.text(), shell);
  assert.equal(page.headers.get('cache-control'), 'public, max-age=0, must-revalidate');
  assert.equal(page.headers.get('content-security-policy'), shellPolicy);
  assert.equal(again.status, 304);
  for (const path of [
    '/v1/nothing',
    '/rt',
    '/problems/none.such',
    '/robots.txt',
    '/ops/v1/health',
  ]) {
    assert.deepEqual(await problemOf(await read(path)), { status: 404, code: 'http.no_route' });
  }
  const notHtml = await fetch(`${app.url}/invoices`, { headers: { accept: 'application/json' } });
  assert.equal(notHtml.status, 404);
});

test('a file under assets without a hash in its name stops the start', async (t) => {
  const folder = await build(t, { 'assets/plain.js': 'x' });

  await assert.rejects(loadAssets(folder, []), /plain\.js/u);
});

test('answers are compressed here where that was chosen, sensitive ones never', async (t) => {
  const app = await startNotes(t, { config: { ...config, compress: 'app' } });
  const tags = Array.from({ length: 45 }, () => `tag=${'a'.repeat(20)}`).join('&');

  const large = await app.fetch(`/v1/notes?${tags}&limit=9`);
  const tag = large.headers.get('etag') ?? '';
  const small = await app.fetch('/v1/notes');
  const again = await app.fetch(`/v1/notes?${tags}&limit=9`, { headers: { 'if-none-match': tag } });

  assert.match(large.headers.get('content-encoding') ?? '', /^(?:br|gzip)$/u);
  assert.equal(large.headers.get('vary'), 'Cookie, Authorization, Accept-Encoding');
  assert.match(tag, /^W\//u);
  assert.equal(Object(await large.json()).tag.length, 45);
  assert.equal(small.headers.get('content-encoding'), null);
  assert.equal(again.status, 304);
});
