import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { createApiKey, isRightKey, parseApiKey } from './api-keys.ts';
import { cacheControl } from './cache-presets.ts';
import { addressGroup, createTrustedPeers } from './client-address.ts';
import { cookieNames, findCookie, sessionCookie } from './cookies.ts';
import { csvLine } from './csv.ts';
import { chooseEncoding } from './encoding.ts';
import { readIfMatch } from './etag.ts';
import { fingerprintOf } from './idempotency.ts';
import { looksLike } from './magic-bytes.ts';

function of(input: Record<string, unknown>): string {
  return fingerprintOf('notes.createNote', input).toString('hex');
}
function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

test('the cache presets are these strings and no others', () => {
  assert.deepEqual(cacheControl, {
    asset: 'public, max-age=31536000, immutable',
    image: 'public, max-age=2592000',
    page: 'public, max-age=0, must-revalidate',
    publicApi: 'public, max-age=60, stale-while-revalidate=300',
    sensitive: 'no-store, no-cache, must-revalidate, private',
    tenant: 'private, no-cache',
  });
});

test('a coding is chosen by its q, then by what is best', () => {
  const table: [string, string | undefined][] = [
    ['', 'identity'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0.5, gzip;q=0.9', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['*', 'br'],
    ['*;q=0.1, gzip;q=0.5', 'gzip'],
    ['deflate', 'identity'],
    ['identity', 'identity'],
    ['identity;q=0', undefined],
    ['identity;q=0, gzip', 'gzip'],
    ['*;q=0', undefined],
    ['gzip;q=0.2, identity;q=0.9', 'identity'],
    ['GZIP', 'gzip'],
  ];

  for (const [accept, expected] of table) {
    assert.equal(chooseEncoding(accept, ['br', 'zstd', 'gzip']), expected, accept);
  }
});

test('If-Match is read as versions, weakened by a proxy or not', () => {
  const table: [string, unknown][] = [
    ['*', { type: 'any' }],
    ['"2s"', { type: 'versions', versions: ['2s'] }],
    ['"k3f1-2s"', { type: 'versions', versions: ['2s'] }],
    ['W/"k3f1-2s"', { type: 'versions', versions: ['2s'] }],
    [' "1" , W/"2" ', { type: 'versions', versions: ['1', '2'] }],
    ['2s', undefined],
    ['"2S"', undefined],
    ['""', undefined],
    ['"1",', undefined],
  ];

  for (const [header, expected] of table) assert.deepEqual(readIfMatch(header), expected, header);
});

test('a cell that a spreadsheet would run is text', () => {
  assert.equal(
    csvLine(['=1+1', '+1', '-1', '@a', '\ta', '\ra']),
    `'=1+1,'+1,'-1,'@a,'\ta,"'\ra"\r\n`,
  );
  assert.equal(
    csvLine([-1, true, null, undefined, 'a,b', 'a"b', 'a\nb']),
    '-1,true,,,"a,b","a""b","a\nb"\r\n',
  );
});

test('a line of CSV reads back as what was written, guards aside', () => {
  const cell = fc.string().filter((text) => !/^[=+\-@\t\r]/u.test(text));
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 8 }), (cells) => {
      assert.deepEqual(readCsvLine(csvLine(cells)), cells);
    }),
  );
});

/** RFC 4180, one record. */
function readCsvLine(line: string): string[] {
  const cells: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n$)/gsu;
  for (const match of line.matchAll(pattern)) {
    cells.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
  }
  return cells;
}

test('the client is the rightmost address that is not ours', () => {
  const peers = createTrustedPeers(['10.0.0.0/8', '::1']);
  const table: [string, string, string | undefined][] = [
    ['203.0.113.9', '1.2.3.4', '203.0.113.9'],
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', '1.2.3.4', '1.2.3.4'],
    ['::ffff:10.0.0.1', '6.6.6.6, 1.2.3.4, 10.0.0.2', '1.2.3.4'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['::1', '2001:db8::1', '2001:db8::1'],
    ['10.0.0.1', 'unknown', undefined],
    ['10.0.0.1', Array.from({ length: 17 }, () => '10.0.0.2').join(','), undefined],
  ];

  for (const [peer, chain, client] of table)
    assert.equal(peers.clientOf(peer, chain), client, chain);
  assert.throws(() => createTrustedPeers(['example.com']), TypeError);
  assert.equal(addressGroup('2001:db8:1:2:3:4:5:6'), addressGroup('2001:db8:1:2::'));
  assert.notEqual(addressGroup('2001:db8:1:2::1'), addressGroup('2001:db8:1:3::1'));
});

test('a cookie is found by its whole name', () => {
  const { session } = cookieNames(true);

  assert.equal(findCookie(`a=1; ${session}=x.y.z; b=2`, session), 'x.y.z');
  assert.equal(findCookie(`${session}=x`, session), 'x');
  assert.equal(findCookie(`a${session}=x`, session), '');
  assert.equal(findCookie('', session), '');
  assert.equal(
    sessionCookie(cookieNames(true), 'v', 60),
    '__Host-sid=v; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60',
  );
  assert.equal(
    sessionCookie(cookieNames(false), null, 60),
    'sid=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0',
  );
});

test('an API key with a typing error is known for none without a look-up', () => {
  const { key, id, secretHash } = createApiKey();
  const kept = { id, secretHash, tenant: 't', permissions: new Set<string>(), expiresMs: 1_000 };
  const given = parseApiKey(key);

  assert.match(key, /^plk_[0-9A-Za-z]{12}_[\w-]{43}_[0-9a-z]{6}$/u);
  assert.deepEqual(given, { id, secretHash });
  assert.equal(parseApiKey(key.replace(/.$/u, (last) => (last === '0' ? '1' : '0'))), undefined);
  assert.equal(parseApiKey('plk_'), undefined);
  assert(isRightKey(given, kept, { nowMs: 999, ip: '1.2.3.4' }));
  assert(!isRightKey(given, kept, { nowMs: 1_000, ip: '1.2.3.4' }));
  assert(!isRightKey({ secretHash: '00'.repeat(32) }, kept, { nowMs: 0, ip: '1.2.3.4' }));
  const bound = { ...kept, networks: ['10.0.0.0/8'] };
  assert(isRightKey(given, bound, { nowMs: 0, ip: '10.1.2.3' }));
  assert(!isRightKey(given, bound, { nowMs: 0, ip: '11.1.2.3' }));
});

test('a fingerprint is of what is said, not of how', () => {
  assert.equal(of({ a: 1, b: { c: [1, 2], d: null } }), of({ b: { d: null, c: [1, 2] }, a: 1 }));
  assert.equal(of({ a: 1, version: '1' }), of({ a: 1, version: '2' }));
  assert.notEqual(of({ a: [1, 2] }), of({ a: [2, 1] }));
  assert.notEqual(of({ a: '1' }), of({ a: 1 }));
});

test('a file is what its first bytes say', () => {
  assert(looksLike('application/pdf', bytes('%PDF-1.7')));
  assert(!looksLike('application/pdf', bytes('<html>')));
  assert(looksLike('text/csv', bytes('a,b')));
  assert(!looksLike('text/csv', bytes('a\0b')));
  assert(looksLike('text/csv', bytes('\xff\xfea\0')));
  assert(looksLike('image/png', bytes('\x89PNG\r\n\x1a\n')));
});
