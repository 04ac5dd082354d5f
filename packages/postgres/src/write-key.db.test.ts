import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';

import { cloneDatabase, faultProxy, testCtx } from '@plinth/testing';
import { Client } from 'pg';

import { t as codec } from './codecs.ts';
import { createDatabase } from './create-database.ts';
import { insertNote, notes, tenant } from './notes-fixture.ts';
import { sql } from './sql.ts';
import { purgeWriteKeys } from './write-key-upkeep.ts';

const migrations = [notes];
const titled = sql({ title: codec.text }, { n: codec.int8n })`
  select count(*) as n from notes.note where title = ${'title'}`;

async function open(t: TestContext) {
  const { url, adminUrl } = await cloneDatabase(t, { migrations });
  const database = createDatabase({ url });
  t.after(() => database.drain(0));
  return { url, adminUrl, database };
}

test('a write with a key is done once, wherever its connection is cut', async (t) => {
  const { url, database: direct } = await open(t);
  const proxy = await faultProxy(t, { port: Number(new URL(url).port) });
  const through = new URL(url);
  through.port = String(proxy.port);
  const database = createDatabase({ url: through.href, poolMax: 2 });
  t.after(() => database.drain(0));
  const ctx = testCtx({ tenant, withinMs: 120_000 });
  const wrong: unknown[] = [];

  for (let bytes = 1; bytes < 900; bytes += 31) {
    const title = randomUUID();
    proxy.cutAfter(bytes);
    const told = await database
      .write(ctx, (tx) => tx.run(insertNote, { tenant, id: randomUUID(), title }), {
        writeKey: title,
      })
      .then(
        () => 'done',
        (error: unknown) => String(error),
      );
    proxy.heal();
    const { n } = await direct.one(ctx, titled, { title });
    if (n > 1 || (told === 'done') !== (n === 1)) wrong.push({ bytes, told, n });
  }

  assert.deepEqual(wrong, []);
});

test('a second write with a key that was used is refused, and leaves nothing', async (t) => {
  const { database } = await open(t);
  const ctx = testCtx({ tenant });
  const writeKey = 'import 7';
  const add = (title: string) =>
    database.write(ctx, (tx) => tx.run(insertNote, { tenant, id: randomUUID(), title }), {
      writeKey,
    });
  await add('first');

  await assert.rejects(add('second'), { code: 'postgres.conflict' });

  assert.equal((await database.one(ctx, titled, { title: 'first' })).n, 1);
  assert.equal((await database.one(ctx, titled, { title: 'second' })).n, 0);
});

test('used keys of all tenants are cleared away after a day, and not before', async (t) => {
  const { database, adminUrl } = await open(t);
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`
    insert into plinth.write_key (tenant_id, key, at)
    select md5((n % 3)::text)::uuid, 'k' || n,
      now() - case when n <= 2500 then interval '25 hours' else interval '23 hours' end
    from generate_series(1, 2600) n`);

  const deleted = await purgeWriteKeys(database);
  const again = await purgeWriteKeys(database);

  const { rows } = await admin.query('select count(*)::int as n from plinth.write_key');
  await admin.end();
  assert.deepEqual([deleted, again, rows[0]?.n], [2_500, 0, 100]);
});
