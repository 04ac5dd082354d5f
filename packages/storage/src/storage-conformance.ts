import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';

import { systemClock, type Clock } from '@plinth/core';

import type { BlobStore, PutOptions } from './blob-store.ts';

/** A store that is empty for the tenants that the suite makes up. Its clock is the given one. */
export type ConnectStore = (t: TestContext, clock: Clock) => Promise<BlobStore>;

const mebibyte = 1_048_576;

const contents = [
  ['nothing', 0],
  ['one byte', 1],
  ['one byte less than a chunk', mebibyte - 1],
  ['a chunk', mebibyte],
  ['one byte more than a chunk', mebibyte + 1],
  ['three chunks and a bit', 3 * mebibyte + 17],
] as const;

const badKeys = [
  'alone',
  '/a/b',
  'T/../../etc/passwd',
  'T/.hidden',
  'T//b',
  'T/a/',
  'T/a b',
  'T/ä',
  `T/${'x'.repeat(200)}`,
  'T/1/2/3/4/5/6/7/8',
];

/** What every driver of BlobStore promises. */
export function testBlobStore(name: string, connect: ConnectStore): void {
  testContent(name, connect);
  testKeys(name, connect);
  testFailures(name, connect);
  testExpiry(name, connect);
}

function newTenant(): { tenant: string; options: PutOptions } {
  const tenant = randomUUID();
  return { tenant, options: { tenant, type: 'text/csv', bytesMax: 8 * mebibyte } };
}

async function* inPieces(content: Buffer, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += pieceBytes) {
    yield content.subarray(at, at + pieceBytes);
  }
}

function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function testContent(name: string, connect: ConnectStore): void {
  for (const [what, bytes] of contents) {
    test(`${name} gives back ${what} as it was put`, async (t) => {
      const store = await connect(t, systemClock);
      const { tenant, options } = newTenant();
      const content = randomBytes(bytes);

      const put = await store.put(`${tenant}/a/b`, inPieces(content, 65_537), options);
      const found = await store.open(`${tenant}/a/b`);

      const stored = { bytes, sha256: sha256Of(content) };
      assert.deepEqual(put, stored);
      assert.deepEqual({ bytes: found.bytes, sha256: found.sha256 }, stored);
      assert.equal(found.type, 'text/csv');
      assert((await buffer(found.body)).equals(content), 'the content is the same');
    });
  }

  test(`${name} gives the range that is asked for`, async (t) => {
    const store = await connect(t, systemClock);
    const { tenant, options } = newTenant();
    const content = randomBytes(2 * mebibyte + 10);
    await store.put(`${tenant}/a/b`, content, options);

    for (const [first, last] of [
      [0, 0],
      [1, 10],
      [mebibyte - 1, mebibyte],
      [mebibyte, 2 * mebibyte + 9],
      [5, 99 * mebibyte],
    ] as const) {
      const { body, bytes } = await store.open(`${tenant}/a/b`, { first, last });
      assert.equal(bytes, content.length);
      assert((await buffer(body)).equals(content.subarray(first, last + 1)), `${first}-${last}`);
    }
    const { body } = await store.open(`${tenant}/a/b`, { first: content.length - 3 });
    assert((await buffer(body)).equals(content.subarray(-3)), 'the end of it');
  });

  test(`${name} refuses a range beyond the end`, async (t) => {
    const store = await connect(t, systemClock);
    const { tenant, options } = newTenant();
    await store.put(`${tenant}/a/b`, Buffer.from('12345'), options);
    await store.put(`${tenant}/a/empty`, Buffer.alloc(0), options);

    const bad = { code: 'storage.bad_range', kind: 'invalid' };
    await assert.rejects(store.open(`${tenant}/a/b`, { first: 5 }), bad);
    await assert.rejects(store.open(`${tenant}/a/b`, { first: 3, last: 2 }), bad);
    await assert.rejects(store.open(`${tenant}/a/empty`, { first: 0 }), bad);
  });

  test(`${name} replaces the blob of a key`, async (t) => {
    const store = await connect(t, systemClock);
    const { tenant, options } = newTenant();
    await store.put(`${tenant}/a/b`, randomBytes(2 * mebibyte), options);

    await store.put(`${tenant}/a/b`, Buffer.from('second'), { ...options, type: 'text/plain' });

    const found = await store.open(`${tenant}/a/b`);
    assert.deepEqual([found.type, found.bytes], ['text/plain', 6]);
    assert.equal((await buffer(found.body)).toString(), 'second');
  });

  test(`${name} keeps one whole blob of many puts of one key at once`, async (t) => {
    const store = await connect(t, systemClock);
    const { tenant, options } = newTenant();
    const all = Array.from({ length: 8 }, () => randomBytes(mebibyte + 5));

    await Promise.all(all.map((content) => store.put(`${tenant}/a/b`, content, options)));

    const found = await store.open(`${tenant}/a/b`);
    const content = await buffer(found.body);
    assert.equal(sha256Of(content), found.sha256);
    assert(
      all.some((one) => one.equals(content)),
      'it is one of them',
    );
  });
}

function testKeys(name: string, connect: ConnectStore): void {
  test(`${name} lists by key what begins with a prefix`, async (t) => {
    const store = await connect(t, systemClock);
    const { tenant, options } = newTenant();
    const other = newTenant();
    const keys = ['a', 'a/b', 'a-b/c', 'a/b/c', 'a.b', 'b/1', 'b/10', 'b/2', 'ab/c'];
    for (const key of keys) await store.put(`${tenant}/${key}`, Buffer.from(key), options);
    await store.put(`${other.tenant}/a/b`, Buffer.from('x'), other.options);

    const under = async (prefix: string, after?: string) => {
      const entries = await store.list(`${tenant}/${prefix}`, after && `${tenant}/${after}`);
      return entries.map((entry) => entry.key.slice(tenant.length + 1));
    };

    assert.deepEqual(await under(''), keys.toSorted());
    assert.deepEqual(await under('a/'), ['a/b', 'a/b/c']);
    assert.deepEqual(await under('b/1'), ['b/1', 'b/10']);
    assert.deepEqual(await under('', 'a/b'), ['a/b/c', 'ab/c', 'b/1', 'b/10', 'b/2']);
    assert.deepEqual(await under('c'), []);
  });

  test(`${name} lists what put said of a blob`, async (t) => {
    const store = await connect(t, systemClock);
    const { tenant, options } = newTenant();
    const expiresAt = systemClock.now() + 60_000;
    const stored = await store.put(`${tenant}/a`, Buffer.from('x'), { ...options, expiresAt });

    const [entry] = await store.list(`${tenant}/`);

    assert.deepEqual(entry, { key: `${tenant}/a`, type: 'text/csv', ...stored, expiresAt });
  });

  test(`${name} keeps what belongs to no tenant`, async (t) => {
    const store = await connect(t, systemClock);
    const key = `_/assets/${randomUUID()}.js`;
    await store.put(key, Buffer.from('js'), { tenant: '_', type: 'text/javascript', bytesMax: 9 });

    const { body } = await store.open(key);

    assert.equal((await buffer(body)).toString(), 'js');
    await store.remove(key);
  });

  test(`${name} removes a blob, and nothing where there is none`, async (t) => {
    const store = await connect(t, systemClock);
    const { tenant, options } = newTenant();
    await store.put(`${tenant}/a/b`, Buffer.from('x'), options);

    await store.remove(`${tenant}/a/b`);
    await store.remove(`${tenant}/a/b`);

    await assert.rejects(store.open(`${tenant}/a/b`), { code: 'storage.not_found' });
    assert.deepEqual(await store.list(`${tenant}/`), []);
  });

  for (const key of badKeys) {
    test(`${name} refuses the key ${key.slice(0, 30)}`, async (t) => {
      const store = await connect(t, systemClock);
      const options = { tenant: 'T', type: 'text/plain', bytesMax: 9 };

      const bad = { code: 'storage.bad_key', kind: 'invalid' };
      await assert.rejects(store.put(key, Buffer.from('x'), options), bad);
      await assert.rejects(store.open(key), bad);
      await assert.rejects(store.remove(key), bad);
    });
  }

  test(`${name} refuses a key of another tenant`, async (t) => {
    const store = await connect(t, systemClock);
    const { options } = newTenant();

    const put = store.put(`${randomUUID()}/a/b`, Buffer.from('x'), options);

    await assert.rejects(put, { code: 'storage.bad_key' });
  });
}

function testFailures(name: string, connect: ConnectStore): void {
  test(`${name} takes as many bytes as are allowed, and leaves nothing of one more`, async (t) => {
    const store = await connect(t, systemClock);
    const { tenant, options } = newTenant();
    const bytesMax = mebibyte + 3;
    const limited = { ...options, bytesMax };

    await store.put(`${tenant}/most`, randomBytes(bytesMax), limited);
    const over = store.put(`${tenant}/more`, inPieces(randomBytes(bytesMax + 1), 4_096), limited);

    await assert.rejects(over, { code: 'storage.too_large', kind: 'tooLarge' });
    const left = await store.list(`${tenant}/`);
    assert.deepEqual(
      left.map(({ key }) => key),
      [`${tenant}/most`],
    );
  });

  test(`${name} passes on the error of a body that breaks, and keeps the blob before it`, async (t) => {
    const store = await connect(t, systemClock);
    const { tenant, options } = newTenant();
    await store.put(`${tenant}/a/b`, Buffer.from('first'), options);
    const broken = new Error('the client went away');
    async function* body(): AsyncGenerator<Uint8Array> {
      yield randomBytes(2 * mebibyte);
      throw broken;
    }

    await assert.rejects(store.put(`${tenant}/a/b`, body(), options), broken);

    const found = await store.open(`${tenant}/a/b`);
    assert.equal((await buffer(found.body)).toString(), 'first');
  });

  test(`${name} ends a put whose signal aborts while the body is silent`, async (t) => {
    const store = await connect(t, systemClock);
    const { tenant, options } = newTenant();
    const abort = new AbortController();
    const silent = Promise.withResolvers<void>();
    async function* body(): AsyncGenerator<Uint8Array> {
      yield randomBytes(100_000);
      silent.resolve();
      await new Promise(() => 'never');
    }

    const put = store.put(`${tenant}/a/b`, body(), { ...options, signal: abort.signal });
    await silent.promise;
    abort.abort();

    await assert.rejects(put, { code: 'storage.aborted', kind: 'cancelled' });
    assert.deepEqual(await store.list(`${tenant}/`), []);
  });
}

function testExpiry(name: string, connect: ConnectStore): void {
  test(`${name} shows a blob until its expiry, and sweeps it then`, async (t) => {
    let nowMs = systemClock.now();
    const store = await connect(t, { ...systemClock, now: () => nowMs });
    const { tenant, options } = newTenant();
    const expiresAt = nowMs + 1_000;
    await store.put(`${tenant}/brief`, randomBytes(mebibyte + 1), { ...options, expiresAt });
    await store.put(`${tenant}/lasting`, Buffer.from('x'), options);
    const keysNow = async () => (await store.list(`${tenant}/`)).map(({ key }) => key);

    nowMs = expiresAt - 1;
    await store.sweep();
    assert.deepEqual(await keysNow(), [`${tenant}/brief`, `${tenant}/lasting`]);

    nowMs = expiresAt;
    assert.deepEqual(await keysNow(), [`${tenant}/lasting`]);
    await assert.rejects(store.open(`${tenant}/brief`), { code: 'storage.not_found' });

    assert((await store.sweep()) >= 1, 'it was swept');
    nowMs = expiresAt - 1;
    assert.deepEqual(await keysNow(), [`${tenant}/lasting`]);
  });
}
