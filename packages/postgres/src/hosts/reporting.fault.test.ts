import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';

import { eventually } from '@plinth/testing';
import type { Cluster } from '@plinth/testing/cluster';

import { t as type } from '../codecs.ts';
import type { Context } from '../context.ts';
import type { Database } from '../database.ts';
import { sql } from '../sql.ts';
import { contextOf, counterCluster, counterOf, openAt, setCounter } from './replicas-fixture.ts';

const patient = { withinMs: 30_000 };
const target = 'reporting';
const where = sql(
  {},
  { port: type.int4, memory: type.text, limit: type.text },
  { name: 'test.where' },
)`
  select inet_server_port() as port, current_setting('work_mem') as memory,
    current_setting('statement_timeout') as "limit"`;

/** Two nodes as the cluster, the third for reports. */
async function openReporting(t: TestContext) {
  const cluster = await counterCluster(t);
  const url = cluster.url.replace(`,${cluster.nameOf(2)}`, '');
  const database = openAt(t, url, { reportingUrl: cluster.urlOf(2) });
  return { cluster, database, port: await portOf(cluster, 2) };
}

async function portOf(cluster: Cluster, node: number): Promise<number> {
  const [[port] = []] = await cluster.query(node, 'select inet_server_port()');
  return Number(port);
}

function report(database: Database, context: Context) {
  return database.read(context, (reader) => reader.one(where, {}), { target, snapshot: true });
}

test('reports go to the server for reports with its bounds, and nothing else does', async (t) => {
  const { database, port } = await openReporting(t);

  let reports: { port: number; memory: string; limit: string }[] = [];
  // On a busy machine a server that answers late is left out for a while.
  await eventually(async () => {
    reports = await Promise.all(Array.from({ length: 12 }, () => report(database, contextOf())));
    return reports.every((one) => one.port === port);
  }, patient);
  const others = await Promise.all(
    Array.from({ length: 40 }, () => database.one(contextOf(), where, {})),
  );

  assert.equal(reports[0]?.memory, '128MB');
  assert.equal(reports[0].limit, '5min');
  assert.ok(others.every((one) => one.port !== port && one.memory !== '128MB'));
  const used = database.stats().find(({ name }) => name === 'reporting/exclusive');
  assert.equal(used?.max, 4);
});

test('a report is not older than what its client wrote, and goes elsewhere while its server is behind or away', async (t) => {
  const { cluster, database, port } = await openReporting(t);
  const id = randomUUID();
  await database.run(contextOf(), setCounter, { id, n: 1 });
  await cluster.caughtUp(0);
  await cluster.pauseReplay(2);
  const writer = contextOf();
  await database.run(writer, setCounter, { id, n: 2 });
  const count = (context: Context) =>
    database.read(context, (reader) => reader.one(counterOf, { id }), { target });

  const own = await Promise.all(Array.from({ length: 8 }, () => count(writer)));

  assert.deepEqual(new Set(own.map(({ n }) => n)), new Set([2]));
  await eventually(async () => (await count(contextOf())).n === 1, patient);
  await cluster.resumeReplay(2);
  await cluster.caughtUp(0);
  await eventually(async () => (await report(database, writer)).port === port, patient);

  await cluster.kill(2);

  assert.equal((await count(writer)).n, 2);
  await cluster.revive(2);
  await eventually(async () => (await report(database, writer)).port === port, patient);
});

test('without a server for reports two are read at once, and other reads go on beside them', async (t) => {
  const cluster = await counterCluster(t, { nodes: 1 });
  const database = openAt(t, cluster.urlOf(0));
  const release = Promise.withResolvers<void>();
  let inside = 0;
  let mostInside = 0;
  const reports = Array.from({ length: 5 }, () =>
    database.read(
      contextOf(),
      async (reader) => {
        inside += 1;
        mostInside = Math.max(mostInside, inside);
        const row = await reader.one(where, {});
        await release.promise;
        inside -= 1;
        return row;
      },
      { target },
    ),
  );

  await eventually(() => inside === 2, patient);
  for (let count = 0; count < 20; count += 1) await database.one(contextOf(), where, {});
  assert.equal(inside, 2);
  release.resolve();

  assert.equal((await Promise.all(reports)).length, 5);
  assert.equal(mostInside, 2);
});

test('a server for reports is one host', (t) => {
  assert.throws(() => openAt(t, 'postgres://u@a/db', { reportingUrl: 'postgres://u@b,c/db' }), {
    code: 'postgres.bad_url',
  });
});
