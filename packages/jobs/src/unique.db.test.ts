import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from '@plinth/testing';

import type { JobContract, Unique } from './jobs.ts';
import { add, ended, enqueue, openShop, type Input } from './jobs-fixture.ts';

const many = 50;
const scopes: readonly Unique<Input>['scope'][] = ['queued', 'active', { forMs: 60_000 }];
const unique = (
  scope: Unique<Input>['scope'],
  onConflict: Unique<Input>['onConflict'],
): JobContract<Input, number> => ({ ...add, unique: { key: () => 'same', scope, onConflict } });

for (const scope of scopes) {
  const named = typeof scope === 'string' ? scope : 'forMs';

  for (const onConflict of ['skip', 'replace'] as const) {
    test(`of ${many} that enqueue one key of scope ${named} at once, ${onConflict} makes one`, async (t) => {
      const shop = await openShop(t);
      const contract = unique(scope, onConflict);

      const made = await Promise.all(
        Array.from({ length: many }, (_, n) => enqueue(shop, contract, n)),
      );

      assert.equal(made.filter(({ created }) => created).length, 1);
      assert.equal(new Set(made.map(({ id }) => id)).size, 1);
      assert.equal((await shop.jobs.list(shop.ctx, {})).items.length, 1);
    });
  }

  test(`of ${many} that enqueue one key of scope ${named} at once, all but one get an error`, async (t) => {
    const shop = await openShop(t);
    const contract = unique(scope, 'error');

    const made = await Promise.allSettled(
      Array.from({ length: many }, (_, n) => enqueue(shop, contract, n)),
    );

    const failed = made.filter((one) => one.status === 'rejected');
    assert.equal(failed.length, many - 1);
    for (const { reason } of failed) assert.equal(reason.code, 'jobs.duplicate');
  });
}

test('replace swaps the input of one that waits', async (t) => {
  const shop = await openShop(t);
  const contract = unique('active', 'replace');
  shop.jobs.define(contract, async ({ n }) => n);
  const { id } = await enqueue(shop, contract, 1);

  await enqueue(shop, contract, 2);
  await shop.jobs.start({ queues: { default: 1 } });

  assert.equal((await ended(shop, id)).result, 2);
});

test('while one runs, queued takes another and active does not, also to replace', async (t) => {
  const shop = await openShop(t);
  const go = Promise.withResolvers<void>();
  let running = 0;
  const contracts = [
    { ...unique('queued', 'skip'), name: 'test.queued' },
    { ...unique('active', 'replace'), name: 'test.active' },
  ];
  for (const contract of contracts) {
    shop.jobs.define(contract, async (_input, { tx }) => {
      // Its row is held: nobody who enqueues waits for it.
      await tx(async () => {
        running += 1;
        await go.promise;
      });
      return 0;
    });
  }
  await shop.jobs.start({ queues: { default: 2 } });
  for (const contract of contracts) await enqueue(shop, contract, 1);
  await eventually(() => running === 2);

  const [queued, active] = await Promise.all(contracts.map((one) => enqueue(shop, one, 2)));
  go.resolve();

  assert.deepEqual([queued?.created, active?.created], [true, false]);
});

test('the key of forMs outlives its job', async (t) => {
  const shop = await openShop(t);
  const contract = unique({ forMs: 1_500 }, 'skip');
  shop.jobs.define(contract, async () => 0);
  await shop.jobs.start({ queues: { default: 1 } });
  const first = await enqueue(shop, contract, 1);
  await ended(shop, first.id);

  const second = await enqueue(shop, contract, 2);

  assert.deepEqual(second, { id: first.id, created: false });
  await eventually(async () => (await enqueue(shop, contract, 3)).created);
});

test('a key is its tenant’s own', async (t) => {
  const shop = await openShop(t);
  const other = await openShop(t, { database: shop.database });
  const contract = unique('active', 'error');

  const made = [await enqueue(shop, contract, 1), await enqueue(other, contract, 1)];

  assert.deepEqual(
    made.map(({ created }) => created),
    [true, true],
  );
});
