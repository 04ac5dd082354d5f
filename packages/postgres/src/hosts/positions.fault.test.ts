import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import type { Position } from '@plinth/core';
import type { Cluster } from '@plinth/testing';

import type { Database } from '../database.ts';
import { parseLsn } from '../position.ts';
import {
  contextOf,
  counterCluster,
  counterOf,
  countRoutes,
  openAt,
  setCounter,
} from './replicas-fixture.ts';

const pageBytes = 8_192n;
const pageEnds = new Set([24n, 40n]);
const triesMax = 400;

interface AtPageEnd {
  readonly raw: bigint;
  readonly seen: Position;
}

/** Writes until a commit's record ends where a page does: one in a few hundred, here helped along. */
async function writeToPageEnd(cluster: Cluster, database: Database): Promise<AtPageEnd> {
  const id = randomUUID();
  await database.run(contextOf(), setCounter, { id, n: 0 });
  const before = await insertLsn(cluster);
  await database.run(contextOf(), setCounter, { id, n: 1 });
  const ownBytes = (await insertLsn(cluster)) - before;
  for (let n = 2; n < triesMax; n += 1) {
    // What a message takes besides its text differs by its place: it is tried out.
    const at = (await insertLsn(cluster)) % pageBytes;
    const left = pageBytes - at - ownBytes - BigInt(56 + (n % 8) * 8);
    if (left > 0n) {
      await cluster.query(0, `select pg_logical_emit_message(false, 'x', repeat('a', ${left}))`);
    }
    const context = contextOf();
    await database.run(context, setCounter, { id, n });
    const raw = await insertLsn(cluster);
    const seen = context.position.get('main');
    if (pageEnds.has(raw % pageBytes) && seen !== undefined) return { raw, seen };
  }
  throw new Error('No record ended at the end of a page.');
}

async function insertLsn(cluster: Cluster): Promise<bigint> {
  const [[lsn] = []] = await cluster.query(0, 'select pg_current_wal_insert_lsn()');
  return parseLsn(lsn ?? '0/0');
}

test('positions hold at their edges', async (whole) => {
  const cluster = await counterCluster(whole, { nodes: 2 });

  await whole.test('a commit at the end of a page is reached without another write', async (t) => {
    const { routes, telemetry } = countRoutes();
    const database = openAt(t, cluster.url, { telemetry, waitMs: 3_000 });
    const { raw, seen } = await writeToPageEnd(cluster, database);

    const row = await database.maybe(contextOf(seen), counterOf, { id: randomUUID() });

    const [[replayed] = []] = await cluster.query(1, 'select pg_last_wal_replay_lsn()');
    assert.equal(row, undefined);
    assert.ok(parseLsn(replayed ?? '0/0') < raw, 'replay stops before the next page’s header');
    assert.deepEqual([routes.fallback, routes.replica + routes.waited], [0, 1]);
  });

  await whole.test('a position that no log can have reached holds no read up', async (t) => {
    const { routes, telemetry } = countRoutes();
    const database = openAt(t, cluster.url, { telemetry });
    const id = randomUUID();
    const context = contextOf();
    await database.run(context, setCounter, { id, n: 1 });
    await cluster.caughtUp(0);
    await database.one(context, counterOf, { id });
    const lsn = 1n << 62n;

    const absurd = contextOf({ cluster: 'main', timeline: 1, lsn });
    const foreign = contextOf({ cluster: 'other', timeline: 9, lsn });

    assert.equal((await database.one(absurd, counterOf, { id })).n, 1);
    assert.equal((await database.one(foreign, counterOf, { id })).n, 1);
    assert.equal(routes.fallback, 0);
  });

  await whole.test('monotonic reads never step back from one replica to another', async (t) => {
    const databases = [openAt(t, cluster.url), openAt(t, cluster.url)];
    const [writer = databases[1]] = databases;
    const id = randomUUID();
    const context = contextOf();
    let last = 0;
    for (let n = 1; n <= 40; n += 1) {
      await writer?.run(contextOf(), setCounter, { id, n });
      const reader = databases[n % 2];
      const row = await reader?.read(context, (q) => q.maybe(counterOf, { id }), {
        consistency: 'monotonic',
      });
      assert.ok((row?.n ?? 0) >= last, `${row?.n} after ${last}`);
      last = row?.n ?? last;
    }
  });

  await whole.test('one snapshot is not older than what its client wrote', async (t) => {
    const database = openAt(t, cluster.url);
    const id = randomUUID();
    for (let n = 1; n <= 20; n += 1) {
      const context = contextOf();
      await database.run(context, setCounter, { id, n });
      const row = await database.read(context, (q) => q.one(counterOf, { id }), { snapshot: true });
      assert.equal(row.n, n);
    }
  });

  await whole.test(
    'a position covers its write where commits do not wait for the disk',
    async (t) => {
      await cluster.query(0, 'alter role plinth_app set synchronous_commit = off');
      await cluster.query(0, `alter system set wal_writer_delay = '10s'`);
      await cluster.query(0, 'select pg_reload_conf()');
      const database = openAt(t, cluster.url);
      const id = randomUUID();

      for (let n = 1; n <= 20; n += 1) {
        const context = contextOf();
        await database.run(context, setCounter, { id, n });
        const before = context.position.get('main')?.lsn ?? 0n;
        assert.equal((await database.one(context, counterOf, { id })).n, n);
        assert.ok(before > 0n);
      }
    },
  );
});
