import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { eventually, openDatabase, testCtx } from '@plinth/testing';

import { t as codec } from './codecs.ts';
import type { Transaction } from './database.ts';
import {
  addToCounter,
  insertNote,
  notes,
  noteTitle,
  otherTenant,
  readCounter,
  setCounter,
  sleepFor,
  tenant,
  titles,
} from './notes-fixture.ts';
import { sql } from './sql.ts';

const migrations = [notes];

test('a one-shot write is there for the next read of its tenant, and for no other', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });

  const count = await database.run(ctx, insertNote, { tenant, id: randomUUID(), title: 'one' });

  assert.equal(count, 1);
  assert.deepEqual(await database.many(ctx, titles, {}), [{ title: 'one' }]);
  assert.deepEqual(await database.many(testCtx({ tenant: otherTenant }), titles, {}), []);
});

test('a write advances the position of its caller', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });

  await database.run(ctx, insertNote, { tenant, id: randomUUID(), title: 'one' });
  const first = ctx.position.get();
  await database.write(ctx, (tx) => tx.run(insertNote, { tenant, id: randomUUID(), title: 'two' }));

  assert.equal(first?.timeline, 1);
  assert((ctx.position.get()?.lsn ?? 0n) > (first?.lsn ?? 0n));
});

test('a table of tenants without a tenant is a defect, told the same on a used connection', async (t) => {
  const database = await openDatabase(t, { migrations, poolMax: 1 });

  await assert.rejects(database.many(testCtx(), titles, {}), { code: 'postgres.no_tenant' });
  await database.many(testCtx({ tenant }), titles, {});
  await assert.rejects(database.many(testCtx(), titles, {}), { code: 'postgres.no_tenant' });
});

test('a row of another tenant cannot be written', async (t) => {
  const database = await openDatabase(t, { migrations });

  const foreign = database.run(testCtx({ tenant }), insertNote, {
    tenant: otherTenant,
    id: randomUUID(),
    title: 'foreign',
  });

  await assert.rejects(foreign, { code: 'postgres.forbidden', status: 403 });
});

test('64 tenants interleaved on few connections never see each other', async (t) => {
  const database = await openDatabase(t, { migrations, poolMax: 3 });
  const tenants = Array.from({ length: 64 }, () => randomUUID());
  const id = randomUUID();
  const titleOf = async (one: string) =>
    (await database.one(testCtx({ tenant: one }), noteTitle, { id })).title;
  for (const one of tenants) {
    await database.run(testCtx({ tenant: one }), insertNote, { tenant: one, id, title: one });
  }

  for (let round = 0; round < 40; round += 1) {
    const some = tenants.slice(round, round + 24);
    assert.deepEqual(await Promise.all(some.map(titleOf)), some);
  }
});

test('write keeps nothing of work that throws', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });

  const failing = database.write(ctx, async (tx) => {
    await tx.run(insertNote, { tenant, id: randomUUID(), title: 'lost' });
    throw new Error('work failed');
  });

  await assert.rejects(failing, { message: 'work failed' });
  assert.deepEqual(await database.many(ctx, titles, {}), []);
});

test('write fails when its work swallowed the failure of a statement', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });
  const id = randomUUID();

  const swallowing = database.write(ctx, async (tx) => {
    await tx.run(insertNote, { tenant, id, title: 'one' });
    await tx.run(insertNote, { tenant, id, title: 'two' }).catch(() => undefined);
  });

  await assert.rejects(swallowing, { code: 'postgres.conflict' });
  assert.deepEqual(await database.many(ctx, titles, {}), []);
});

test('a conflict names the constraint and no value', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });
  const row = { tenant, id: randomUUID(), title: 'secret' };
  await database.run(ctx, insertNote, row);

  const again = database.run(ctx, insertNote, row);

  await assert.rejects(again, (error: Error & { context?: object }) => {
    assert.deepEqual(error.context, {
      sqlstate: '23505',
      constraint: 'note_pkey',
      table: 'note',
      statement: insertNote.name,
    });
    assert(!JSON.stringify([error.message, error.cause]).includes('secret'));
    return true;
  });
});

test('savepoint takes back its part alone', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });
  const id = randomUUID();

  await database.write(ctx, async (tx) => {
    await tx.run(insertNote, { tenant, id, title: 'one' });
    const inner = tx.savepoint(() => tx.run(insertNote, { tenant, id, title: 'two' }));
    await assert.rejects(inner, { code: 'postgres.conflict' });
    await tx.run(insertNote, { tenant, id: randomUUID(), title: 'three' });
  });

  assert.deepEqual(await database.many(ctx, titles, {}), [{ title: 'one' }, { title: 'three' }]);
});

test('beforeCommit writes with the commit, and after runs when it is known', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });
  const order: string[] = [];

  await database.write(ctx, async (tx) => {
    tx.beforeCommit(() => {
      order.push('before');
      return { statement: addToCounter, params: { id: 'flushed', by: 1n } };
    });
    tx.after(() => order.push('after'));
    order.push('work');
  });

  assert.deepEqual(order, ['work', 'before', 'after']);
  assert.equal((await database.one(ctx, readCounter, { id: 'flushed' })).n, 1n);
});

test('a statement kept for the commit that fails takes the transaction with it', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });
  let ran = false;

  const failing = database.write(ctx, async (tx) => {
    await tx.run(insertNote, { tenant, id: randomUUID(), title: 'one' });
    tx.after(() => (ran = true));
    tx.beforeCommit(() => ({
      statement: insertNote,
      params: { tenant: otherTenant, id: randomUUID(), title: 'x' },
    }));
  });

  await assert.rejects(failing, { code: 'postgres.forbidden' });
  assert.equal(ran, false);
  assert.deepEqual(await database.many(ctx, titles, {}), []);
});

test('a write inside a write throws, and with its context joins', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });

  await assert.rejects(
    database.write(ctx, () => database.write(ctx, async () => 1)),
    { code: 'postgres.nested_write' },
  );
  await assert.rejects(
    database.write(ctx, async (tx) => {
      const joined = { ...ctx, unitOfWork: tx.context.unitOfWork };
      await database.run(joined, insertNote, { tenant, id: randomUUID(), title: 'inner' });
      assert.deepEqual(await database.many(joined, titles, {}), [{ title: 'inner' }]);
      await database.write(joined, (inner) => inner.one(addToCounter, { id: 'joined', by: 1n }));
      throw new Error('all of it goes');
    }),
    { message: 'all of it goes' },
  );

  assert.deepEqual(await database.many(ctx, titles, {}), []);
  assert.equal(await database.maybe(ctx, readCounter, { id: 'joined' }), undefined);
});

test('a transaction that is used after its work throws', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });
  let kept: Transaction | undefined;

  await database.write(ctx, async (tx) => void (kept = tx));

  await assert.rejects(async () => kept?.many(titles, {}), { code: 'postgres.context_ended' });
});

test('read cannot write', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });

  const writing = database.read(ctx, (reader) => reader.many(addToCounter, { id: 'x', by: 1n }));

  await assert.rejects(writing, { code: 'postgres.read_only' });
});

test('writers of one row in serializable isolation run again until each counted', async (t) => {
  const database = await openDatabase(t, { migrations, retries: 50 });
  const ctx = testCtx({ tenant });
  await database.one(ctx, addToCounter, { id: 'shared', by: 0n });

  await Promise.all(
    Array.from({ length: 8 }, () =>
      database.write(
        ctx,
        async (tx) => {
          const { n } = await tx.one(readCounter, { id: 'shared' });
          await tx.run(setCounter, { id: 'shared', n: n + 1n });
        },
        { isolation: 'serializable', retries: 50 },
      ),
    ),
  );

  assert.equal((await database.one(ctx, readCounter, { id: 'shared' })).n, 8n);
});

test('an aborted caller ends its statement at the server', async (t) => {
  const database = await openDatabase(t, { migrations });
  const abort = new AbortController();
  const running = database.many(testCtx({ tenant, signal: abort.signal }), sleepFor, {
    seconds: 60,
  });
  await eventually(() => database.stats()[0]?.used === 1);

  abort.abort();

  await assert.rejects(running, { code: 'postgres.cancelled', status: 499 });
  await eventually(() => database.stats()[0]?.used === 0);
});

test('a statement past its own bound is ended', async (t) => {
  const database = await openDatabase(t, { migrations });
  const bounded = sql({}, {}, { timeoutMs: 50 })`select from pg_sleep(60)`;
  const ctx = testCtx({ tenant });

  await assert.rejects(database.many(ctx, bounded, {}), { code: 'postgres.timeout' });
  await assert.rejects(
    database.read(ctx, (reader) => reader.many(bounded, {})),
    { code: 'postgres.timeout' },
  );
});

test('stream gives all rows in chunks and frees its connection when its reader stops early', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });
  const series = sql({ n: codec.int4 }, { i: codec.int4 })`
    select i from generate_series(1, ${'n'}::int) i`;
  const sizes: number[] = [];

  for await (const rows of database.stream(ctx, series, { n: 2_500 })) sizes.push(rows.length);
  for await (const rows of database.stream(ctx, series, { n: 2_500 }, { chunk: 10 })) {
    assert.equal(rows.length, 10);
    break;
  }

  assert.deepEqual(sizes, [1_000, 1_000, 500]);
  assert.equal(database.stats()[0]?.used, 0);
});

test('copyIn writes into a table of tenants, and row security checks each row', async (t) => {
  const database = await openDatabase(t, { migrations });
  const ctx = testCtx({ tenant });
  const target = {
    table: 'notes.note',
    columns: ['tenant_id', 'id', 'title'],
    toFields: (row: { tenant: string; title: string }) => [row.tenant, randomUUID(), row.title],
  };
  const rows = Array.from({ length: 3_000 }, (_, at) => ({ tenant, title: `a\t\\b\n${at}` }));

  const copied = await database.copyIn(ctx, target, rows);
  const foreign = database.copyIn(ctx, target, [{ tenant: otherTenant, title: 'x' }]);

  assert.equal(copied.rows, 3_000);
  await assert.rejects(foreign, { code: 'postgres.forbidden' });
  assert.equal((await database.many(ctx, titles, {}))[0]?.title, 'a\t\\b\n0');
});

test('notify wakes who listens, once for many calls', async (t) => {
  const database = await openDatabase(t, { migrations });
  let count = 0;
  const stop = await database.listen('wake', () => (count += 1));

  for (let call = 0; call < 10; call += 1) database.notify('wake');

  await eventually(() => count === 1);
  await stop();
});

test('callers past the queue are refused at once', async (t) => {
  const database = await openDatabase(t, { migrations, poolMax: 1, acquireMs: 60_000 });
  const abort = new AbortController();
  const ctx = testCtx({ tenant, signal: abort.signal });
  const waiting = Array.from({ length: 11 }, () => database.many(ctx, sleepFor, { seconds: 60 }));
  const all = Promise.allSettled(waiting);
  await eventually(() => database.stats()[0]?.waiting === 10);

  await assert.rejects(database.many(testCtx({ tenant }), titles, {}), {
    code: 'postgres.unavailable',
    status: 503,
  });

  abort.abort();
  await all;
});

test('drain waits for what runs and takes nothing new', async (t) => {
  const database = await openDatabase(t, { migrations });
  const running = database.many(testCtx({ tenant }), sleepFor, { seconds: 0.2 });
  await eventually(() => database.stats()[0]?.used === 1);

  const draining = database.drain();
  await assert.rejects(database.many(testCtx({ tenant }), titles, {}), {
    code: 'postgres.draining',
  });

  assert.deepEqual(await draining, { finished: 1, cancelled: 0 });
  assert.deepEqual(await running, [{}]);
});
