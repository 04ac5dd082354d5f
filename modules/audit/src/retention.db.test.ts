import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';

import { defineModule, event } from '@plinth/contract';
import { bindLocal } from '@plinth/contract/local';
import { createIds, noLog, systemClock } from '@plinth/core';
import { z } from '@plinth/core/z';
import {
  createMessaging,
  migrations as messagingMigrations,
  type Envelope,
} from '@plinth/messaging';
import {
  createDatabase,
  partitionPolicySql,
  premakePartitions,
  retireOldest,
  sql,
  t as type,
} from '@plinth/postgres';
import { cloneDatabase, testCtx } from '@plinth/testing';
import { createAudit, migrations } from './module.ts';
import { auditPartitions } from './partitions.ts';
import { recordEntries } from './record-entries.ts';

const tenants = ['a', 'b'].map((n) => `01900000-0000-7000-8000-00000000000${n}`);
const shop = defineModule('shop', {
  operations: {},
  events: { itemSold: event({ schema: z.object({ n: z.int() }), key: null }) },
});
const newId = createIds(systemClock);
const identityMigrations = {
  module: 'identity',
  folder: new URL('../../identity/migrations/', import.meta.url),
};

const calendar = async () => ({ today: '2026-01-15', zone: 'UTC' });
const fail = () => Promise.reject(new Error('full'));

async function setUp(t: TestContext) {
  const urls = await cloneDatabase(t, {
    migrations: [messagingMigrations, identityMigrations, migrations],
  });
  const database = createDatabase({ url: urls.url });
  const admin = createDatabase({ url: urls.adminUrl });
  t.after(() => Promise.all([database.drain(0), admin.drain(0)]));
  const parts = { database, clock: systemClock, newId, log: noLog };
  const messaging = createMessaging({ ...parts, config: { pollMs: 10 } });
  const client = bindLocal(
    createAudit({ ...parts, messaging, calendar, events: Object.values(shop.events) }),
    {
      check: 'full',
    },
  );
  const record = async (tenant: string, at: string, count: number) => {
    const envelopes = Array.from({ length: count }, (_, n) => toEnvelope(tenant, at, n));
    await database.write(testCtx({ tenant }), (tx) =>
      recordEntries(tx, envelopes, { known: new Set(), log: noLog }),
    );
  };
  const verify = async (tenant: string) => {
    const verdict = await client.verifyChain(testCtx({ tenant, permissions: ['audit.read'] }), {});
    return { state: verdict.state, checked: verdict.checked, lastSeq: verdict.lastSeq };
  };
  return { database, admin, record, verify };
}

function toEnvelope(tenant: string, at: string, n: number): Envelope {
  const reqId = newId();
  return {
    id: newId(),
    name: 'shop.item-sold',
    version: 1,
    key: `item-${n}`,
    part: 0,
    tenant,
    at,
    actor: null,
    reqId,
    correlation: reqId,
    causation: null,
    headers: {},
    seq: '1',
    src: 0,
    attempt: 1,
    redriven: false,
    body: { n },
  };
}

/** Keeps lines in memory: what the product's blobs do. */
function createArchive() {
  const kept = new Map<string, Buffer>();
  const archive = async (name: string, lines: AsyncIterable<Uint8Array>) => {
    kept.set(name, Buffer.concat(await Array.fromAsync(lines)));
    return `kept/${name}`;
  };
  return { kept, archive };
}

const archived = sql(
  {},
  { name: type.text, rows: type.nullable(type.int8n), sha256: type.nullable(type.text) },
)`select name, row_count as rows, encode(sha256, 'hex') as sha256 from plinth.partition_archive order by name`;
const partitions = sql({}, { name: type.text })`
  select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit.entry'::regclass order by 1`;
const oldTable = 'audit.entry_2018_03';

test('the migration of the policy is what the declaration makes', async () => {
  const file = new URL('../migrations/0002_retention.sql', import.meta.url);

  const text = await readFile(file, 'utf8');

  assert(text.endsWith(`\n${partitionPolicySql(auditPartitions)}\n`));
});

test('a month past its time is archived whole and dropped, and the chain goes on behind it', async (t) => {
  const { database, admin, record, verify } = await setUp(t);
  const { kept, archive } = createArchive();
  for (const tenant of tenants) {
    await record(tenant, '2018-03-05T10:00:00.000Z', 2_500);
    await record(tenant, '2018-04-05T10:00:00.000Z', 3);
    await record(tenant, '2025-12-05T10:00:00.000Z', 4);
  }

  const names = [
    await retireOldest({ database, archive }, auditPartitions),
    await retireOldest({ database, archive }, auditPartitions),
    await retireOldest({ database, archive }, auditPartitions),
  ];

  assert.deepEqual(names, [oldTable, 'audit.entry_2018_04', undefined]);
  const content = kept.get(oldTable) ?? Buffer.alloc(0);
  assert.equal(content.toString().split('\n').length, 5_001);
  const [first] = await admin.many(testCtx(), archived, {});
  const sha256 = createHash('sha256').update(content).digest('hex');
  assert.deepEqual(first, { name: oldTable, rows: 5_000, sha256 });
  for (const tenant of tenants) {
    assert.deepEqual(await verify(tenant), { state: 'whole', checked: 4, lastSeq: 2_507 });
  }
});

test('an archive that fails leaves the month detached, and the next try ends it', async (t) => {
  const { database, admin, record } = await setUp(t);
  await record(tenants[0] ?? '', '2018-03-05T10:00:00.000Z', 5);

  await assert.rejects(retireOldest({ database, archive: fail }, auditPartitions));
  const { kept, archive } = createArchive();
  const name = await retireOldest({ database, archive }, auditPartitions);

  assert.equal(name, oldTable);
  assert.equal(kept.size, 1);
  assert.equal((await admin.many(testCtx(), archived, {})).length, 1);
});

test('a month of which not every row was archived stays', async (t) => {
  const { database, record } = await setUp(t);
  await record(tenants[0] ?? '', '2018-03-05T10:00:00.000Z', 5);
  const dropEarly = sql({ name: type.text }, {})`
    select plinth.drop_partition(${'name'}, 4, '\\x00', 'nowhere')`;
  const asWorker = sql({}, {})`set local role plinth_worker`;
  await assert.rejects(retireOldest({ database, archive: fail }, auditPartitions));

  const dropping = database.write(testCtx(), async (tx) => {
    await tx.run(asWorker, {});
    await tx.run(dropEarly, { name: oldTable });
  });

  await assert.rejects(dropping);
});

test('months are made ahead, and one that is missing is made by the entry that needs it', async (t) => {
  const { database, admin, record } = await setUp(t);
  const before = await admin.many(testCtx(), partitions, {});

  const made = await premakePartitions(database, { ...auditPartitions, premake: 6 });
  await record(tenants[0] ?? '', '2030-05-05T10:00:00.000Z', 1);

  assert.equal(made, 3);
  const after = (await admin.many(testCtx(), partitions, {})).map(({ name }) => name);
  assert.equal(after.length, before.length + 4);
  assert(after.includes('audit.entry_2030_05'));
});

test('nobody but the worker takes a month out, and the worker only what is past its time', async (t) => {
  const { database, record } = await setUp(t);
  await record(tenants[0] ?? '', '2025-12-05T10:00:00.000Z', 1);
  const detach = sql({}, { name: type.nullable(type.text) })`
    select plinth.detach_partition('audit.entry') as name`;
  const { archive } = createArchive();

  const refused = database.write(testCtx(), (tx) => tx.one(detach, {}));

  await assert.rejects(refused, { code: 'postgres.no_privilege' });
  assert.equal(await retireOldest({ database, archive }, auditPartitions), undefined);
});
