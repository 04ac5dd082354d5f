import { randomUUID } from 'node:crypto';

import { createCluster, type Cluster } from '@plinth/testing/cluster';
import { Client } from 'pg';

import { createDatabase } from './create-database.ts';
import { contextOf, counterMigrations, setCounter } from './hosts/replicas-fixture.ts';

const rounds = 5;
const allowedMs = 250;
const probeMs = 5;
const withinMs = 60_000;

/** Writes one row again and again. */
function startWriter(url: string) {
  const database = createDatabase({ url });
  const id = randomUUID();
  const over = new AbortController();
  let firstOfNewMs: number | undefined;
  let count = 0;
  const loop = (async () => {
    while (!over.signal.aborted && firstOfNewMs === undefined) {
      const context = contextOf();
      try {
        await database.run(context, setCounter, { id, n: (count += 1) });
      } catch {
        continue;
      }
      if ((context.position.get('main')?.timeline ?? 0) > 1) firstOfNewMs = performance.now();
    }
  })();
  const end = async () => {
    over.abort();
    await loop;
    await database.drain(0);
  };
  return { count: () => count, firstOfNewMs: () => firstOfNewMs, end };
}

/** By a client that knows which server it will be: as early as anybody can. */
async function firstWriteAt(cluster: Cluster, node: number): Promise<number> {
  const insert = `insert into counting.counter (tenant_id, id, n) values ('${randomUUID()}', '${randomUUID()}', 1)`;
  const client = new Client({ connectionString: through(cluster, node) });
  await client.connect();
  try {
    for (;;) {
      try {
        await client.query(insert);
        return performance.now();
      } catch {
        await pause();
      }
    }
  } finally {
    await client.end();
  }
}

function through(cluster: Cluster, node: number): string {
  return cluster.adminUrl.replace(/@[^/]+\//u, `@${cluster.nameOf(node)}/`);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, probeMs));
}

async function until(isSo: () => boolean): Promise<void> {
  const endsAtMs = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > endsAtMs) throw new Error('It took too long.');
    await pause();
  }
}

/** A cluster of its own each time: its primary is killed under writes, and a standby promoted. */
async function failOver() {
  const ends: (() => Promise<void>)[] = [];
  const owner = { after: (end: () => Promise<void>) => void ends.unshift(end) };
  try {
    const cluster = await createCluster(owner, { migrations: counterMigrations });
    const writer = startWriter(cluster.url);
    ends.unshift(writer.end);
    await until(() => writer.count() > 100);
    await cluster.kill(0);
    const killedMs = performance.now();
    const [peerMs] = await Promise.all([firstWriteAt(cluster, 1), cluster.promote(1)]);
    await until(() => writer.firstOfNewMs() !== undefined);
    const oursMs = writer.firstOfNewMs() ?? Infinity;
    return { ours: oursMs - killedMs, peer: peerMs - killedMs + allowedMs };
  } finally {
    for (const end of ends) await end();
  }
}

/** From the kill of the primary to the first write that its successor acknowledged, both in one failover. */
export const bench = {
  name: 'failover',
  open() {
    const first = {
      name: 'first-write',
      target: 1,
      peerName: `a client that knows the successor and asks each ${probeMs} ms, and ${allowedMs} ms`,
      unit: 'ms',
      better: 'lower',
      rounds,
      measure: failOver,
    };
    return Promise.resolve({ cases: [first], close: () => Promise.resolve() });
  },
};
