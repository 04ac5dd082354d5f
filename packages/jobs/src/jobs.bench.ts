import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

import { createIds, systemClock } from '@plinth/core';
import { z } from '@plinth/core/z';
import { createDatabase, migrate, sql, t, type Context, type Database } from '@plinth/postgres';
import { startEmbedded } from '@plinth/postgres/embedded';

import { claimJobs } from './claim-table.ts';
import { createJobs } from './create-jobs.ts';
import type { JobContract } from './jobs.ts';
import { migrations } from './migrations.ts';
import { drainGraphile } from './peers-fixture.ts';
import { writeAsWorker } from './system-context.ts';

const folder = resolve('node_modules/.cache/jobs-bench');
const drainRows = 20_000;
const enqueueTransactions = 1_200;
const clients = 8;
const claims = 100;
const slots = 8;
const manyTenants = 5_000;
const manyRows = 300_000;
const payload = 'x'.repeat(280);
const tenant = '01900000-0000-7000-8000-00000000000a';
const newId = createIds(systemClock);

const contract: JobContract<{ n: number; payload: string }> = {
  name: 'bench.none',
  input: z.object({ n: z.int(), payload: z.string() }),
};

const contextOf = (): Context => ({
  tenant,
  signal: new AbortController().signal,
  position: { get: () => undefined, advance: () => undefined },
});

/** Jobs a second, from a full queue to a handler that does nothing. */
async function drain(database: Database, how: 'installed' | 'tuned'): Promise<number> {
  const atOnce = { installed: 200, tuned: 1_000 }[how];
  const jobs = createJobs({ database, clock: systemClock, newId });
  for (let from = 0; from < drainRows; from += 5_000) {
    const inputs = Array.from({ length: 5_000 }, (_, n) => ({ n: from + n, payload }));
    await database.write(contextOf(), (tx) => jobs.enqueueMany(tx, contract, inputs));
  }
  let handled = 0;
  const done = Promise.withResolvers<void>();
  jobs.define(contract, async () => {
    handled += 1;
    if (handled === drainRows) done.resolve();
  });
  const beganMs = performance.now();
  await jobs.start({ queues: { default: atOnce } });
  await done.promise;
  const seconds = (performance.now() - beganMs) / 1_000;
  await jobs.drain();
  return drainRows / seconds;
}

const touch = sql({ id: t.uuid }, {})`
  insert into plinth.job_worker (id, host, slots) values (${'id'}, 'bench', '{}')
  on conflict (id) do update set beat = now()`;

/** Transactions a second: four statements each, with an enqueue or without. */
async function transact(database: Database, isEnqueueing: boolean): Promise<number> {
  const jobs = createJobs({ database, clock: systemClock, newId });
  let left = enqueueTransactions;
  const work = async () => {
    const id = newId();
    for (; left > 0;) {
      left -= 1;
      const n = left;
      await writeAsWorker(database, async (tx) => {
        for (let statement = 0; statement < 4; statement += 1) await tx.run(touch, { id });
        if (isEnqueueing) await jobs.enqueue(tx, contract, { n, payload });
      });
    }
  };
  const beganMs = performance.now();
  await Promise.all(Array.from({ length: clients }, work));
  return (enqueueTransactions * 1_000) / (performance.now() - beganMs);
}

const clear = sql({}, {})`delete from plinth.job`;
const fill = sql({ queue: t.text, tenants: t.int4, rows: t.int4 }, {})`
  insert into plinth.job (id, queue, tenant, band, name, run_at, state, max_attempts, input, meta)
  select gen_random_uuid(), ${'queue'}, 'tenant-' || n % ${'tenants'}, 1, 'bench.none', now(), 1, 5,
    '{}', '{"actor": {"kind": "system", "id": "bench", "permissions": []}, "traceparent": null,
      "reqId": null, "keepDoneMs": 0, "keepDeadMs": 0}'
  from generate_series(1, ${'rows'}::int) n`;

/** Claims a second, of eight jobs each. */
async function claim(database: Database, queue: string): Promise<number> {
  const worker = newId();
  let after = String.fromCodePoint(1);
  const beganMs = performance.now();
  for (let n = 0; n < claims; n += 1) {
    const params = { queue, band: 1, after, slots, names: [contract.name], worker };
    const rows = await writeAsWorker(database, (tx) => tx.many(claimJobs, params));
    after = rows.at(-1)?.tenant ?? String.fromCodePoint(1);
  }
  return (claims * 1_000) / (performance.now() - beganMs);
}

async function claimRound(database: Database, oursFirst: boolean) {
  await writeAsWorker(database, async (tx) => {
    await tx.run(clear, {});
    await tx.run(fill, { queue: 'many', tenants: manyTenants, rows: manyRows });
    await tx.run(fill, { queue: 'one', tenants: 1, rows: 1_000 });
  });
  const first = await claim(database, oursFirst ? 'many' : 'one');
  const second = await claim(database, oursFirst ? 'one' : 'many');
  await writeAsWorker(database, (tx) => tx.run(clear, {}));
  return oursFirst ? { ours: first, peer: second } : { ours: second, peer: first };
}

interface Claim {
  readonly name: string;
  readonly peerName: string;
  readonly target: number;
  ours(): Promise<number>;
  peer(): Promise<number>;
}

function claimsOf(database: Database, adminUrl: string): Claim[] {
  const graphile = (how: 'installed' | 'tuned') => () =>
    drainGraphile(how, { adminUrl, count: drainRows, payload });
  return [
    {
      name: 'drain-graphile-tuned',
      peerName: 'graphile-worker, tuned',
      target: 1,
      ours: () => drain(database, 'tuned'),
      peer: graphile('tuned'),
    },
    {
      name: 'drain-graphile',
      peerName: 'graphile-worker as installed',
      target: 6,
      ours: () => drain(database, 'installed'),
      peer: graphile('installed'),
    },
    {
      name: 'enqueue',
      peerName: 'the transaction without the job',
      target: 0.8,
      ours: () => transact(database, true),
      peer: () => transact(database, false),
    },
  ];
}

export const bench = {
  name: 'jobs',
  async open() {
    createRequire(resolve('bench/package.json')).resolve('graphile-worker');
    await mkdir(folder, { recursive: true });
    const server = await startEmbedded({ folder, settings: {} });
    await migrate(server.adminUrl, [migrations]);
    const database = createDatabase({ url: server.url, poolMax: 12, slowMs: 60_000 });
    const form = { unit: '/s', better: 'higher' as const, rounds: 3 };
    const cases = claimsOf(database, server.adminUrl).map((one) => ({
      ...one,
      ...form,
      async measure(oursFirst: boolean) {
        const first = oursFirst ? await one.ours() : await one.peer();
        const second = oursFirst ? await one.peer() : await one.ours();
        return oursFirst ? { ours: first, peer: second } : { ours: second, peer: first };
      },
    }));
    const byTenants = {
      ...form,
      name: 'claim-tenants',
      peerName: 'a claim from one tenant with 1,000 jobs',
      target: 1 / 3,
      measure: (oursFirst: boolean) => claimRound(database, oursFirst),
    };
    const close = async () => {
      await database.drain(0);
      await server.stop();
    };
    return { cases: [...cases, byTenants], close };
  },
};
