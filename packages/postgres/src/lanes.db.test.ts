import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { cloneDatabase, eventually, faultProxy, openDatabase, testCtx } from '@plinth/testing';

import { t as codec } from './codecs.ts';
import { createDatabase } from './create-database.ts';
import { insertNote, notes, noteTitle, tenant } from './notes-fixture.ts';
import { sql } from './sql.ts';

const migrations = [notes];
const divide = sql({ by: codec.int4 }, { n: codec.int4 }, { hot: true })`
  select 1 / ${'by'}::int as n`;
const settings = sql({ key: codec.text }, { value: codec.text }, { hot: true })`
  select current_setting(${'key'}, true) as value`;
const slowAndHot = sql({ seconds: codec.float8 }, { n: codec.int4 }, { hot: true })`
  select 1 as n from pg_sleep(${'seconds'})`;
const begun = sql({}, { at: codec.text }, { hot: true })`select now()::text as at`;
const addByRead = sql({ id: codec.text }, { n: codec.int8 }, { hot: true })`
  select nextval(${'id'}) as n`;

test('hot reads of many callers share four connections at most, and each gets its own row or failure', async (t) => {
  const database = await openDatabase(t, { migrations });
  const tenants = Array.from({ length: 24 }, () => randomUUID());
  const id = randomUUID();
  for (const one of tenants) {
    await database.run(testCtx({ tenant: one }), insertNote, { tenant: one, id, title: one });
  }

  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all(
      tenants.map(async (one, at) => {
        const ctx = testCtx({ tenant: one });
        if ((at + round) % 7 > 0) return (await database.one(ctx, noteTitle, { id })).title;
        await assert.rejects(database.one(ctx, divide, { by: 0 }), { code: 'postgres.bad_input' });
        return one;
      }),
    );
    assert.deepEqual(answers, tenants);
  }

  const [, lanes] = database.stats();
  assert.equal(lanes?.max, 4);
  assert(lanes.used + lanes.idle <= 4);
  assert.equal(lanes.waiting, 0);
});

test('a lane plans once for all tenants, writes nothing and keeps no tenant', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });
  const valueOf = async (key: string, of = ctx) =>
    (await database.one(of, settings, { key })).value;

  assert.equal(await valueOf('plan_cache_mode'), 'force_generic_plan');
  assert.equal(await valueOf('transaction_read_only'), 'on');
  assert.equal(await valueOf('app.tenant'), tenant);
  assert.equal(await valueOf('app.tenant', testCtx()), '');
  await assert.rejects(database.one(ctx, addByRead, { id: 'notes.none' }), {
    code: 'postgres.failed',
  });
});

test('reads of one tick go as one group, in which a failure and a caller without tenant stay alone', async (t) => {
  const database = await openDatabase(t, { migrations });
  const tenants = [tenant, randomUUID()];
  const valueOf = async (of: string | undefined, key: string) =>
    (await database.one(testCtx(of === undefined ? {} : { tenant: of }), settings, { key })).value;
  const begunAt = async (of: string) => (await database.one(testCtx({ tenant: of }), begun, {})).at;
  await valueOf(tenant, 'app.tenant');

  for (let round = 0; round < 20; round += 1) {
    const failing = database.one(testCtx({ tenant }), divide, { by: 0 });
    const asked = Array.from({ length: 12 }, (_, at) =>
      at % 3 === 2 ? undefined : tenants[at % 3],
    );
    const [values] = await Promise.all([
      Promise.all(asked.map((of) => valueOf(of, 'app.tenant'))),
      assert.rejects(failing, { code: 'postgres.bad_input' }),
    ]);
    assert.deepEqual(
      values,
      asked.map((of) => of ?? ''),
    );
  }
  // What begins a transaction is its clock. A lane that was slow last gets its reads one by one.
  await eventually(async () => {
    const times = await Promise.all(tenants.flatMap((of) => [begunAt(of), begunAt(of)]));
    return new Set(times).size === 1;
  });
});

test('a hot read that is slower than a second ends within its own bound', async (t) => {
  const database = await openDatabase(t, { migrations });

  assert.deepEqual(await database.one(testCtx({ tenant }), slowAndHot, { seconds: 1.2 }), { n: 1 });
});

test('reads on a lane that dies are answered by another', async (t) => {
  const { url } = await cloneDatabase(t, { migrations });
  const proxy = await faultProxy(t, { port: Number(new URL(url).port) });
  const through = new URL(url);
  through.port = String(proxy.port);
  const database = createDatabase({ url: through.href });
  t.after(() => database.drain(0));
  const ctx = testCtx({ tenant });
  const id = randomUUID();
  await database.run(ctx, insertNote, { tenant, id, title: 'kept' });
  const read = async () => (await database.one(ctx, noteTitle, { id })).title;
  await Promise.all(Array.from({ length: 16 }, read));

  proxy.delay(50);
  const reads = Array.from({ length: 16 }, read);
  await eventually(() => (database.stats()[1]?.used ?? 0) > 0);
  proxy.cut('reset');
  proxy.heal();

  assert.deepEqual(new Set(await Promise.all(reads)), new Set(['kept']));
});

test('drain answers what is on the lanes', async (t) => {
  const database = await openDatabase(t, { migrations });
  const reads = Array.from({ length: 8 }, () =>
    database.one(testCtx({ tenant }), slowAndHot, { seconds: 0.1 }),
  );
  await eventually(() => (database.stats()[1]?.used ?? 0) > 0);

  const { cancelled } = await database.drain();

  assert.equal(cancelled, 0);
  assert.equal((await Promise.all(reads)).length, 8);
});
