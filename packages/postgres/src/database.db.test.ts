import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { openDatabase, testCtx } from '@plinth/testing';

import type { Transaction } from './database.ts';
import {
  addToCounter,
  insertNote,
  notes,
  noteTitle,
  otherTenant,
  readCounter,
  setCounter,
  tenant,
  titles,
} from './notes-fixture.ts';

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
  const first = ctx.position.get()?.lsn ?? 0n;
  await database.write(ctx, (tx) => tx.run(insertNote, { tenant, id: randomUUID(), title: 'two' }));

  assert(first > 0n);
  assert((ctx.position.get()?.lsn ?? 0n) > first);
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
