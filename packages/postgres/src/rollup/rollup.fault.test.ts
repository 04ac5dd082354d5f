import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { eventually } from '@plinth/testing';
import { Client } from 'pg';

import { createDatabase } from '../create-database.ts';
import { startEmbedded } from '../embedded/index.ts';
import { migrate } from '../migrate/migrate.ts';
import { startFolding } from './fold.ts';
import { rebuildRollups } from './rebuild.ts';
import {
  findDifferences,
  makeTransaction,
  randomOf,
  saleRollup,
  writeSaleMigrations,
} from './sale-fixture.ts';

const writersCount = 8;
const killsCount = process.env['PLINTH_TEST_LONG'] === '1' ? 60 : 8;
const withinMs = 60_000;

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: 'writer' });
  // It is killed on purpose: the statement that is hit tells.
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`set lock_timeout = '30ms'`);
  return client;
}

/** @returns how many transactions committed before the connection was lost, or `signal` came. */
async function writeUntilLost(
  client: Client,
  random: (below: number) => number,
  signal: AbortSignal,
): Promise<number> {
  for (let written = 0; ;) {
    if (signal.aborted) return written;
    try {
      for (const text of makeTransaction(random)) await client.query(text);
      written += 1;
    } catch {
      const isThere = await client.query('rollback').then(
        () => true,
        () => false,
      );
      if (!isThere) return written;
    }
  }
}

/** Writes until it is told to end, on a new connection whenever its own is gone. */
async function writeOn(url: string, seed: number, signal: AbortSignal): Promise<number> {
  const random = randomOf(seed);
  let written = 0;
  while (!signal.aborted) {
    const client = await eventually(() => connect(url), { withinMs });
    written += await writeUntilLost(client, random, signal);
    await client.end().catch(() => undefined);
  }
  return written;
}

/** All but this session's: writers, folds, and a rebuild that is at it. */
const killOne = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where backend_type = 'client backend' and pid <> pg_backend_pid() and state <> 'idle'
  order by random() limit 1`;

async function asAdmin<result>(
  url: string,
  work: (admin: Client) => Promise<result>,
): Promise<result> {
  return eventually(
    async () => {
      const admin = await connect(url);
      try {
        return await work(admin);
      } finally {
        await admin.end().catch(() => undefined);
      }
    },
    { withinMs },
  );
}

test('rollups equal a recount while backends and the whole server are killed under eight writers', async (t) => {
  const seed = Number(process.env['PLINTH_SEED'] ?? Math.floor(Math.random() * 1e6));
  t.diagnostic(`PLINTH_SEED=${seed}`);
  const folder = await mkdtemp(join(tmpdir(), 'plinth-rollup-fault-'));
  const server = await startEmbedded({ folder, endsWithStarter: true });
  t.after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });
  await migrate(server.adminUrl, [await writeSaleMigrations()]);
  const database = createDatabase({ url: server.url });
  const folding = startFolding({ database, rollups: [saleRollup], everyMs: 20 });
  const ended = new AbortController();
  const writers = Array.from({ length: writersCount }, (_, n) =>
    writeOn(server.url, seed + n, ended.signal),
  );
  const random = randomOf(seed + 99);

  for (let kill = 0; kill < killsCount; kill += 1) {
    const rebuilding = rebuildRollups(server.adminUrl, [saleRollup]).catch(() => undefined);
    if (kill % 4 === 3) {
      const found = await asAdmin(server.adminUrl, (admin) =>
        admin.query<{ pid: number }>(
          `select split_part(pg_read_file('postmaster.pid'), e'\\n', 1)::int as pid`,
        ),
      );
      process.kill(found.rows[0]?.pid ?? -1, 'SIGKILL');
    } else {
      for (let n = random(3); n >= 0; n -= 1) {
        await asAdmin(server.adminUrl, (admin) => admin.query(killOne));
      }
    }
    await rebuilding;
    assert.deepEqual(await asAdmin(server.adminUrl, findDifferences), []);
  }
  ended.abort();
  const written = (await Promise.all(writers)).reduce((sum, one) => sum + one, 0);
  await folding.stop();
  await database.drain(0);

  assert(written > killsCount, `${written} transactions`);
  assert.deepEqual(await asAdmin(server.adminUrl, findDifferences), []);
});
