import assert from 'node:assert/strict';
import { test } from 'node:test';

import { noLog, type Log } from '@plinth/core';
import { openDatabase, testCtx } from '@plinth/testing';

import { t as codec } from './codecs.ts';
import { notes, tenant } from './notes-fixture.ts';
import { sql } from './sql.ts';

const secretly = sql({ secret: codec.text, seconds: codec.float8 }, {}, { name: 'slow.secretly' })`
  select from pg_sleep(${'seconds'}) where ${'secret'} <> ''`;

test('a statement past the bound is logged once, with its text and never with its values', async (t) => {
  const entries: { name: string; fields: object }[] = [];
  const log: Log = {
    ...noLog,
    warn: (name: string, fields?: object) => void entries.push({ name, fields: fields ?? {} }),
  };
  const database = await openDatabase(t, { migrations: [notes], slowMs: 150, log });
  const ctx = { ...testCtx({ tenant }), log };
  await database.many(ctx, secretly, { secret: 'hunter2', seconds: 0 });
  entries.length = 0;

  await database.many(ctx, secretly, { secret: 'hunter2', seconds: 0.2 });
  await database.read(ctx, (reader) => reader.many(secretly, { secret: 'hunter2', seconds: 0.2 }));

  const slow = entries.filter(({ name }) => name === 'postgres.slow_statement');
  assert.equal(slow.length, 2);
  for (const { fields } of slow) {
    const entry: Record<string, unknown> = { ...fields };
    assert.equal(entry['statement'], 'slow.secretly');
    assert.equal(entry['text'], secretly.text);
    assert.equal(entry['tenant'], tenant);
    assert.equal(entry['outcome'], 'ok');
    assert(Number(entry['serverMs']) >= 200);
  }
  assert(!JSON.stringify(slow).includes('hunter2'));
});
