import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { createCache } from '@plinth/cache';
import { createIds, createPositionSession, noLog, systemClock, type Ctx } from '@plinth/core';
import { sql, t as type, type Transaction } from '@plinth/postgres';
import { openDatabase, testCtx } from '@plinth/testing';

import { migrations } from '../modules.ts';
import { CachedReads, cachedReads, cachedTables } from './cached-reads.ts';
import { dataNow, primaryPosition } from './data-position.ts';
import { forgetting } from './forgetting-database.ts';

const newId = createIds(systemClock);

const insertCustomer = sql({ id: type.uuid, name: type.text, now: type.instant }, {})`
  insert into customers.customer (id, number, name, country, currency, created_at, changed_at)
  values (${'id'}, right(${'id'}::uuid::text, 12), ${'name'}, 'DE', 'EUR', ${'now'}, ${'now'})`;
const nameOf = sql({ id: type.uuid }, { name: type.text })`
  select name from customers.customer where id = ${'id'}`;
const rename = sql({ id: type.uuid, name: type.text }, {})`
  update customers.customer set name = ${'name'}, version = version + 1 where id = ${'id'}`;

/** A process: its own cache, on the database of all. */
async function openProcess(t: TestContext, plain: Awaited<ReturnType<typeof openDatabase>>) {
  const context = testCtx({ tenant: newId() });
  const cache = await createCache({ clock: systemClock, dataNow: () => dataNow(plain, context) });
  t.after(() => cache.close());
  const database = forgetting(plain, { cache, log: noLog, tables: cachedTables });
  const kept = new CachedReads({ cache, database, clock: systemClock });
  let loads = 0;
  const read = (ctx: Ctx, id: string) =>
    kept.read(cachedReads.customer, ctx, {
      id,
      async load(at) {
        loads += 1;
        return database.maybe(at, nameOf, { id }).then((row) => ({ name: row?.name ?? null }));
      },
    });
  return { cache, database, read, loads: () => loads };
}

const ctxOf = (tenant: string): Ctx => testCtx({ tenant, withinMs: 600_000 });

async function openTwo(t: TestContext) {
  const plain = await openDatabase(t, { migrations });
  const one = await openProcess(t, plain);
  const other = await openProcess(t, plain);
  const tenant = newId();
  const id = newId();
  const now = new Date().toISOString();
  await plain.run(ctxOf(tenant), insertCustomer, { id, name: 'First', now });
  return { plain, one, other, tenant, id };
}

test('what was read is kept until a write of its tables, and of its tenant alone', async (t) => {
  const { one, tenant, id } = await openTwo(t);
  const ctx = ctxOf(tenant);

  for (let round = 0; round < 5; round += 1) await one.read(ctx, id);
  assert.equal(one.loads(), 1);

  const now = new Date().toISOString();
  await one.database.run(ctxOf(newId()), insertCustomer, { id: newId(), name: 'X', now });
  await one.read(ctx, id);
  assert.equal(one.loads(), 1, 'another company’s write');

  await one.database.run(ctx, rename, { id, name: 'Second' });
  assert.equal((await one.read(ctxOf(tenant), id)).name, 'Second');
  assert.equal(one.loads(), 2);
});

test('another tenant never gets what is kept under the same id', async (t) => {
  const { one, tenant, id } = await openTwo(t);

  assert.equal((await one.read(ctxOf(tenant), id)).name, 'First');
  assert.equal((await one.read(ctxOf(newId()), id)).name, null);
  assert.equal((await one.read(ctxOf(tenant), id)).name, 'First');
});

test('a transaction forgets at its end, with all that joined it, and also where it failed', async (t) => {
  const { one, tenant, id } = await openTwo(t);
  await one.read(ctxOf(tenant), id);

  await one.database.write(ctxOf(tenant), async (tx: Transaction) => {
    const inside = { ...ctxOf(tenant), unitOfWork: tx.context.unitOfWork };
    await one.database.write(inside, (joined) => joined.run(rename, { id, name: 'Joined' }));
    assert.equal((await one.read(inside, id)).name, 'Joined', 'within, what is not committed');
    assert.equal((await one.read(ctxOf(tenant), id)).name, 'First', 'beside, what is');
  });
  assert.equal((await one.read(ctxOf(tenant), id)).name, 'Joined');

  const loads = one.loads();
  const failing = one.database.write(ctxOf(tenant), async (tx) => {
    await tx.run(rename, { id, name: 'Never' });
    throw new RangeError('it fails');
  });
  await assert.rejects(failing, RangeError);
  assert.equal((await one.read(ctxOf(tenant), id)).name, 'Joined');
  assert.equal(one.loads(), loads + 1);
});

test('a client that has seen a write of a process that nobody heard of gets no older value', async (t) => {
  const { plain, one, other, tenant, id } = await openTwo(t);

  for (let round = 0; round < 20; round += 1) {
    await other.read(ctxOf(tenant), id);
    await one.database.run(ctxOf(tenant), rename, { id, name: `Round ${round}` });
    const position = createPositionSession(await primaryPosition(plain, ctxOf(tenant)));
    const { name } = await other.read({ ...ctxOf(tenant), position }, id);
    assert.equal(name, `Round ${round}`);
  }
  // What it read for that client is kept for the others.
  const loads = other.loads();
  assert.equal((await other.read(ctxOf(tenant), id)).name, 'Round 19');
  assert.equal(other.loads(), loads);
});

test('a read that is under way while its table is written is not kept', async (t) => {
  const { one, tenant, id } = await openTwo(t);
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const kept = new CachedReads({ ...one, clock: systemClock });

  const early = kept.read(cachedReads.customer, ctxOf(tenant), {
    id,
    async load(at) {
      const row = await one.database.one(at, nameOf, { id });
      started.resolve();
      await release.promise;
      return row;
    },
  });
  await started.promise;
  await one.database.run(ctxOf(tenant), rename, { id, name: 'Later' });
  release.resolve();

  assert.equal((await early).name, 'First');
  assert.equal((await one.read(ctxOf(tenant), id)).name, 'Later');
});
