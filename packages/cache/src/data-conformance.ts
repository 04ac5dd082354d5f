import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { Cache, EntryOptions } from './cache.ts';
import type { CacheOptions } from './create-cache.ts';
import { gate } from './gate-fixture.ts';
import type { DataPosition } from './position.ts';

type Open = (t: TestContext, options?: Partial<CacheOptions>) => Promise<Cache>;

const still: EntryOptions = { ttl: 60_000, jitter: 0, eager: false };

function at(position: number, timeline = 1): DataPosition {
  return { source: 'main', timeline, at: position };
}

/** What a fill from a replica may not do. */
export function testData(name: string, open: Open): void {
  const openData = (t: TestContext) => open(t, { dataNow: async () => [at(50)] });

  for (const [read, isKept] of [
    [at(90), false],
    [at(100), true],
    [at(500, 0), false],
    [at(10, 2), true],
  ] as const) {
    const where = `${read.timeline}/${read.at}`;

    test(`R14 ${name} ${isKept ? 'keeps' : 'does not keep'} what was read at ${where} after an event at 1/100`, async (t) => {
      const cache = await openData(t);
      await cache.invalidate({ tags: ['t'] }, { data: at(100) });
      let asked: readonly DataPosition[] = [];

      const value = await cache.getOrSet(
        'k',
        ({ minData, readAt }) => {
          asked = minData;
          readAt(read);
          return 'value';
        },
        { ...still, tags: ['t'] },
      );

      assert.equal(value, 'value');
      assert.deepEqual(asked, [at(100)]);
      assert.equal(await cache.get('k'), isKept ? 'value' : undefined);
    });
  }

  test(`R14 ${name} asks of a tag that was found while reading what its events need`, async (t) => {
    const cache = await openData(t);
    await cache.invalidate({ tags: ['found'] }, { data: at(100) });

    await cache.getOrSet('k', ({ tag, readAt }) => (readAt(at(60)), tag('found'), 'old'), still);

    assert.equal(await cache.get('k'), undefined);
  });

  test(`R14 ${name} keeps nothing that was read elsewhere before it knows where its sources are`, async (t) => {
    const cache = await open(t);

    await cache.getOrSet('k', ({ readAt }) => (readAt(at(100)), 'value'), still);

    assert.equal(await cache.get('k'), undefined);
  });

  test(`R14 ${name} runs again for a reader whose data is newer than what a flight read`, async (t) => {
    const cache = await openData(t);
    const old = gate<string>();
    const first = cache.getOrSet('k', old.factory, still);
    (await old.began).readAt(at(60));
    const asked: DataPosition[] = [];

    const second = cache.scope({ data: [at(80)] }).getOrSet(
      'k',
      ({ minData, readAt }) => {
        asked.push(...minData);
        readAt(at(80));
        return 'new';
      },
      still,
    );
    old.open('old');

    assert.deepEqual([await first, await second], ['old', 'new']);
    assert.deepEqual(asked, [at(80)]);
  });
}
