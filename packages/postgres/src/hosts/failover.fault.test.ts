import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test, type TestContext } from 'node:test';

import { noLog, Problem, type Log } from '@plinth/core';
import { eventually, type Cluster } from '@plinth/testing';

import type { Database } from '../database.ts';
import {
  contextOf,
  counterCluster,
  counterOf,
  noteEvent,
  openAt,
  setCounter,
} from './replicas-fixture.ts';

const patient = { withinMs: 30_000 };
const writersPerProcess = 6;

/** Clients that write one row after another, and remember which of them were acknowledged. */
function startWriters(databases: readonly Database[]) {
  const acknowledged = new Set<string>();
  const codes = new Map<string, number>();
  let firstOfNewMs = 0;
  const over = new AbortController();
  const writer = async (database: Database) => {
    const id = randomUUID();
    for (let n = 1; !over.signal.aborted; n += 1) {
      try {
        const context = contextOf();
        await database.run(context, noteEvent, { id, n });
        acknowledged.add(`${id} ${n}`);
        const isNew = (context.position.get('main')?.timeline ?? 0) > 1;
        if (isNew && firstOfNewMs === 0) firstOfNewMs = performance.now();
      } catch (error) {
        const code = error instanceof Problem ? error.code : String(error);
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    }
  };
  const all = databases.flatMap((database) =>
    Array.from({ length: writersPerProcess }, () => writer(database)),
  );
  return {
    acknowledged,
    codes,
    /** When the server that was promoted acknowledged its first; 0 before. */
    firstOfNewMs: () => firstOfNewMs,
    async end() {
      over.abort();
      await Promise.all(all);
    },
  };
}

async function rowsAt(cluster: Cluster, node: number): Promise<Set<string>> {
  const rows = await cluster.query(node, 'select id, n from counting.event');
  return new Set(rows.map(([id, n]) => `${id} ${n}`));
}

function listenTo(words: string[]): Log {
  const note = (msg: string) => void words.push(msg);
  return { ...noLog, info: note, warn: note, error: note };
}

function openTwo(t: TestContext, cluster: Cluster, log: Log): Database[] {
  return [openAt(t, cluster.url, { log }), openAt(t, cluster.url, { log })];
}

test('a primary that is killed under load costs no acknowledged write, and never gets one when it is back', async (t) => {
  const cluster = await counterCluster(t, { sync: true });
  const words: string[] = [];
  const databases = openTwo(t, cluster, listenTo(words));
  const writers = startWriters(databases);
  await eventually(() => writers.acknowledged.size > 200, patient);

  await cluster.kill(0);
  const next = await cluster.furthest();
  const promotedMs = performance.now();
  await cluster.promote(next);
  await eventually(() => writers.firstOfNewMs() > 0, patient);
  const firstMs = writers.firstOfNewMs() - promotedMs;
  const before = writers.acknowledged.size;
  await eventually(() => writers.acknowledged.size > before + 200, patient);

  await cluster.revive(0);
  const old = await rowsAt(cluster, 0);
  await eventually(() => words.includes('postgres.fenced'), patient);
  const since = writers.acknowledged.size;
  await eventually(() => writers.acknowledged.size > since + 200, patient);
  await writers.end();

  const there = await rowsAt(cluster, next);
  const lost = [...writers.acknowledged].filter((row) => !there.has(row));
  t.diagnostic(
    `first write ${firstMs.toFixed(0)} ms after promotion began, ${writers.acknowledged.size} acknowledged, ` +
      `errors ${JSON.stringify([...writers.codes])}`,
  );
  assert.deepEqual(lost, []);
  assert.ok(firstMs <= 6_000, `the first write came after ${firstMs} ms`);
  assert.deepEqual(await rowsAt(cluster, 0), old);
  assert.equal(writers.codes.get('postgres.read_only') ?? 0, 0);
  // Only who was on the way at the moment of the kill may not know.
  assert.ok([...writers.codes.values()].every((count) => count <= 2 * writersPerProcess));
});

test('what a failover lost is told as lost, and a standby that has it serves nobody', async (t) => {
  const cluster = await counterCluster(t);
  const database = openAt(t, cluster.url);
  const id = randomUUID();
  const kept = contextOf();
  await database.run(kept, setCounter, { id, n: 1 });
  await cluster.caughtUp(0);
  // The second standby gets what the first does not, and stays on the timeline that ends.
  await cluster.detach(1);
  const gone = contextOf();
  for (let n = 2; n < 50; n += 1) await database.run(gone, setCounter, { id, n });
  await eventually(() => hasReplayed(cluster, 2), patient);
  await cluster.kill(0);
  await cluster.promote(1, { strand: true });
  let lostCount = 0;
  const tellingContext = () => {
    const context = contextOf(gone.position.get('main'));
    return { ...context, position: { ...context.position, lose: () => void (lostCount += 1) } };
  };

  const reader = tellingContext();
  await database.run(tellingContext(), noteEvent, { id, n: 1 });
  const keptRow = await database.one(contextOf(kept.position.get('main')), counterOf, { id });
  const lostRow = await database.one(reader, counterOf, { id });
  const again = await database.one(reader, counterOf, { id });
  const anybody = await Promise.all(
    Array.from({ length: 50 }, () => database.one(contextOf(), counterOf, { id })),
  );

  assert.deepEqual([keptRow.n, lostRow.n, again.n], [1, 1, 1]);
  assert.deepEqual(new Set(anybody.map(({ n }) => n)), new Set([1]));
  // Once by the write; once by the reads, which have a position of today from then on.
  assert.equal(lostCount, 2);
  assert.equal(reader.position.get('main')?.timeline, 2);
});

async function hasReplayed(cluster: Cluster, node: number): Promise<boolean> {
  const [[lsn] = []] = await cluster.query(0, 'select pg_current_wal_insert_lsn()');
  const [[reached] = []] = await cluster.query(node, `select pg_last_wal_replay_lsn() >= '${lsn}'`);
  return reached === 'true';
}

test('while nobody leads reads go on and writes end with read_only; where two lead none is written to', async (t) => {
  const cluster = await counterCluster(t);
  const database = openAt(t, cluster.url, { failoverMs: 1_500 });
  const context = contextOf();
  const id = randomUUID();
  await database.run(context, setCounter, { id, n: 1 });
  await cluster.caughtUp(0);
  await database.one(context, counterOf, { id });

  await cluster.kill(0);

  assert.equal((await database.one(contextOf(), counterOf, { id })).n, 1);
  assert.equal((await database.one(context, counterOf, { id })).n, 1);
  const write = () => database.run(contextOf(), setCounter, { id, n: 2 });
  await assert.rejects(write, { code: 'postgres.read_only' });

  await Promise.all([1, 2].map((node) => cluster.promote(node, { strand: true })));

  await eventually(async () => {
    await assert.rejects(write, { code: 'postgres.split_brain' });
    return true;
  }, patient);
  const rows = async (node: number) => cluster.query(node, 'select n from counting.counter');
  const first = await rows(1);
  const hint = await startHint(t, cluster.nameOf(2));
  const hinted = openAt(t, cluster.url, { primaryHint: `${hint}/{name}` });
  await hinted.run(contextOf(), setCounter, { id, n: 9 });
  assert.deepEqual([await rows(1), await rows(2)], [first, [['9']]]);
});

/** What an HA manager answers: 200 for the one that leads. */
async function startHint(t: TestContext, leader: string): Promise<string> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === `/${leader}` ? 200 : 503).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}
