import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { eventually } from '@plinth/testing';

import type { Cache, EntryOptions } from './cache.ts';
import type { CacheOptions } from './create-cache.ts';
import { gate } from './gate-fixture.ts';
import type { DataPosition } from './position.ts';

/** One of many nodes of a namespace, whose tail of the log can be held back. */
export interface HeldNode {
  readonly cache: Cache;
  hold(): void;
  release(): void;
}

/** A node of the namespace that belongs to this test alone. */
export type ConnectNode = (
  t: TestContext,
  options?: Partial<Omit<CacheOptions, 'shared' | 'clock'>>,
) => Promise<HeldNode>;

const still: EntryOptions = { ttl: 60_000, jitter: 0, eager: false };
const tagged: EntryOptions = { ...still, tags: ['t'] };
const withinMs = 30_000;

/** Which interleavings of several nodes must never give an old value: cache.md, section 14. */
export function testSharedRaces(name: string, connect: ConnectNode): void {
  testFills(name, connect);
  testTails(name, connect);
  testTokens(name, connect);
  testLeases(name, connect);
}

function at(lsn: number): DataPosition {
  return { source: 'main', timeline: 1, at: lsn };
}

async function heard(node: HeldNode, other: HeldNode): Promise<void> {
  await eventually(
    () => {
      const { known, pendingNames } = other.cache.health();
      // A machine that stalls ends a session: what was said then has no place yet.
      return pendingNames === 0 && node.cache.health().applied === known;
    },
    { withinMs },
  );
}

function testFills(name: string, connect: ConnectNode): void {
  test(`R2 ${name} keeps on no level what node A read before node B invalidated it`, async (t) => {
    const [a, b] = [await connect(t), await connect(t)];
    const old = gate<string>();
    const read = a.cache.getOrSet('k', old.factory, tagged);
    await old.began;

    await b.cache.invalidate({ tags: ['t'] });
    await heard(a, b);
    old.open('old');

    assert.equal(await read, 'old');
    const c = await connect(t);
    for (const { cache } of [a, b, c]) {
      assert.equal(await cache.get('k'), undefined);
    }
    assert.equal(await c.cache.getOrSet('k', () => 'new', tagged), 'new');
  });

  test(`R2 ${name} gives no value of before to a node that had not heard when it was filled`, async (t) => {
    const [a, b] = [await connect(t), await connect(t)];
    const old = gate<string>();
    const read = a.cache.getOrSet('k', old.factory, tagged);
    await old.began;
    a.hold();

    await b.cache.invalidate({ tags: ['t'] });
    old.open('old');
    await read;

    const c = await connect(t);
    assert.equal(await b.cache.get('k'), undefined);
    assert.equal(await c.cache.get('k'), undefined);
    a.release();
    assert.equal(await a.cache.get('k'), undefined);
  });

  test(`R4 ${name} judges what a slow holder of the lease fills by its position`, async (t) => {
    const [a, b] = [await connect(t), await connect(t)];
    const old = gate<string>();
    const slow = a.cache.getOrSet('k', old.factory, tagged);
    await old.began;
    const waiting = b.cache.getOrSet('k', () => 'by b', tagged);

    await b.cache.invalidate({ tags: ['t'] });
    const fresh = await b.cache.getOrSet('k', () => 'new', tagged);
    old.open('old');

    assert.equal(fresh, 'new');
    assert.equal(await slow, 'old');
    await waiting;
    await heard(a, b);
    assert.notEqual(await a.cache.get('k'), 'old');
    assert.notEqual(await (await connect(t)).cache.get('k'), 'old');
  });

  test(`R5 ${name} keeps nothing of before a clear of another node`, async (t) => {
    const [a, b] = [await connect(t), await connect(t)];
    await a.cache.getOrSet('j', () => 'old', still);
    const old = gate<string>();
    const read = a.cache.getOrSet('k', old.factory, still);
    await old.began;

    await b.cache.clear();
    await heard(a, b);
    old.open('old');
    await read;

    for (const { cache } of [a, b]) {
      assert.deepEqual([await cache.get('j'), await cache.get('k')], [undefined, undefined]);
    }
  });

  test(`R8 ${name} has the later of two sets on every node, or none`, async (t) => {
    const [a, b] = [await connect(t), await connect(t)];

    const first = await a.cache.set('k', 'v1', still);
    await heard(b, a);
    const second = await b.cache.set('k', 'v2', still);
    await heard(a, b);

    assert(first !== undefined && second !== undefined, 'both had their place');
    const c = await connect(t);
    for (const { cache } of [a, b, c]) assert.notEqual(await cache.get('k'), 'v1');
    assert.equal(await c.cache.get('k'), 'v2');
  });

  test(`${name} shares one value, its tag and its position`, async (t) => {
    const [a, b] = [await connect(t), await connect(t)];
    await a.cache.getOrSet('k', () => ({ name: 'Ada' }), tagged);
    await eventually(async () => (await b.cache.get('k')) !== undefined, { withinMs });

    const [here, there] = [await a.cache.entry('k'), await b.cache.entry('k')];

    assert.deepEqual(there?.value, { name: 'Ada' });
    assert.deepEqual([there.etag, there.tags], [here?.etag, ['t']]);
    assert(Object.isFrozen(there.value), 'it is frozen on every node');
  });
}

function testTails(name: string, connect: ConnectNode): void {
  test(`R9 ${name} has nothing old once its tail is heard again`, async (t) => {
    const [a, b] = [await connect(t), await connect(t)];
    const keys = Array.from({ length: 200 }, (_, i) => `k${i}`);
    await Promise.all(keys.map(async (key) => b.cache.getOrSet(key, () => 'old', still)));
    b.hold();

    await Promise.all(keys.map((key) => a.cache.invalidate({ keys: [key] })));
    b.release();
    await heard(b, a);

    for (const key of keys) assert.equal(await b.cache.get(key), undefined);
  });

  test(`R18 ${name} keeps a value of the second level under its own position`, async (t) => {
    const [a, b] = [await connect(t), await connect(t)];
    await a.cache.getOrSet('k', () => 'old', tagged);
    await eventually(async () => (await (await connect(t)).cache.get('k')) === 'old', { withinMs });
    b.hold();
    await a.cache.invalidate({ tags: ['t'] });
    // B knows of its own event, the newest one, and has not heard of the one before it.
    await b.cache.invalidate({ keys: ['other'] });

    await b.cache.get('k');
    b.release();
    await heard(b, a).catch(() => undefined);

    await eventually(() => b.cache.health().applied === b.cache.health().known, { withinMs });
    assert.equal(await b.cache.get('k'), undefined);
  });

  test(`R14b ${name} stores what was read of a replica as of what it had applied`, async (t) => {
    const options = { dataNow: async () => [at(50)] };
    const [a, b] = [await connect(t, options), await connect(t, options)];
    b.hold();
    await a.cache.invalidate({ tags: ['t'] }, { data: at(200) });
    await b.cache.invalidate({ keys: ['other'] });

    await b.cache.getOrSet('k', ({ readAt }) => (readAt(at(160)), 'old'), tagged);
    b.release();

    await eventually(() => b.cache.health().applied === b.cache.health().known, { withinMs });
    assert.equal(await b.cache.get('k'), undefined);
  });

  test(`R16 ${name} stores no value where an event came between its mark and its place`, async (t) => {
    const [a, b] = [await connect(t), await connect(t)];
    const mark = b.cache.mark();
    b.hold();
    await a.cache.invalidate({ tags: ['t'] });

    const setting = b.cache.set('k', 'lost update', { ...tagged, mark });
    await eventually(() => b.cache.mark() !== mark, { withinMs });
    b.release();

    assert.equal(await setting, undefined);
    assert.equal(await b.cache.get('k'), undefined);
    assert.equal(await a.cache.get('k'), undefined);
  });
}

function testTokens(name: string, connect: ConnectNode): void {
  for (const level of ['l1', 'l2'] as const) {
    test(`R17 ${name} gives one with a token above its tail nothing older of ${level}`, async (t) => {
      const [a, b] = [await connect(t), await connect(t)];
      await (level === 'l1' ? b : a).cache.getOrSet('k', () => 'old', tagged);
      b.hold();
      const { position } = await a.cache.invalidate({ tags: ['t'] });
      assert(position !== undefined, 'it was delivered');

      const scope = b.cache.scope({ after: position });
      const value = await scope.getOrSet('k', () => 'new', tagged);

      assert.equal(value, 'new');
      assert.equal(await scope.get('k'), 'new');
      b.release();
      await heard(b, a);
      assert.equal(await b.cache.getOrSet('k', () => 'newer', tagged), 'new');
    });
  }

  test(`R17 ${name} waits for what a token names where it comes in time`, async (t) => {
    const [a, b] = [await connect(t), await connect(t, { catchUpMs: withinMs })];
    b.hold();
    const { position } = await a.cache.invalidate({ tags: ['t'] });
    const value = await a.cache.getOrSet('k', () => 'new', tagged);
    assert(position !== undefined && value === 'new', 'it was delivered');
    const read = b.cache.scope({ after: position }).getOrSet('k', () => 'again', tagged);
    await eventually(() => b.cache.mark() === position, { withinMs });
    b.release();

    assert.equal(await read, 'new');
  });
}

function testLeases(name: string, connect: ConnectNode): void {
  test(`${name} runs one factory for hundreds that ask three nodes`, async (t) => {
    const nodes = [await connect(t), await connect(t), await connect(t)];
    const one = gate<string>();
    let runs = 0;
    const factory: typeof one.factory = (context) => {
      runs += 1;
      return one.factory(context);
    };

    const reads = nodes.flatMap(({ cache }) =>
      Array.from({ length: 100 }, async () => cache.getOrSet('k', factory, tagged)),
    );
    await one.began;
    one.open('value');

    assert.deepEqual(new Set(await Promise.all(reads)), new Set(['value']));
    assert.equal(runs, 1);
  });

  test(`${name} loads many keys by one call, and those that another loads not at all`, async (t) => {
    const [a, b] = [await connect(t), await connect(t)];
    const taken = gate<string>();
    const first = a.cache.getOrSet('k3', taken.factory, still);
    await taken.began;
    const loads: (readonly string[])[] = [];

    const many = b.cache.getOrSetMany(
      ['k1', 'k2', 'k3'],
      async (missing) => {
        loads.push(missing);
        return new Map(missing.map((key) => [key, `b ${key}`]));
      },
      still,
    );
    await eventually(() => loads.length === 1, { withinMs });
    taken.open('a k3');

    assert.deepEqual(Object.fromEntries(await many), { k1: 'b k1', k2: 'b k2', k3: await first });
    // Keys of different nodes are looked up at their own pace.
    assert.deepEqual(
      loads.map((keys) => keys.toSorted()),
      [['k1', 'k2']],
    );
  });
}
