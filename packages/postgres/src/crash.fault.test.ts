import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { Problem } from '@plinth/core';
import { eventually, faultProxy, testCtx } from '@plinth/testing';
import { Client } from 'pg';

import { t as codec } from './codecs.ts';
import { createDatabase } from './create-database.ts';
import { startEmbedded, type Embedded } from './embedded/index.ts';
import { sql } from './sql.ts';

const mark = sql({ n: codec.int4 }, { id: codec.text })`
  insert into public.mark (n) values (${'n'}) returning pg_current_xact_id()::text as id`;

async function startServer(t: TestContext): Promise<Embedded> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-crash-'));
  t.after(() => rm(folder, { recursive: true }));
  // The log reaches the disk with a commit only, as if each crash came at once.
  const settings = { wal_writer_delay: '10s', autovacuum: 'off' };
  const server = await startEmbedded({ folder, settings, endsWithStarter: true });
  t.after(() => server.stop());
  return server;
}

async function inSession<result>(
  url: string,
  work: (client: Client) => Promise<result>,
): Promise<result> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** One session's process is killed: the server ends all others, and recovers from its log. */
async function crash(url: string): Promise<void> {
  const pid = await inSession(url, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    process.kill(rows[0]?.pid ?? 0, 'SIGKILL');
    return rows[0]?.pid;
  }).catch(() => undefined);
  assert(pid === undefined || pid > 0);
}

/** Others write until the id was given to one of them. @returns what the server says of it. */
async function giveAgain(url: string, id: string): Promise<string | undefined> {
  return inSession(url, async (client) => {
    for (let given = 0n; given < BigInt(id);) {
      const { rows } = await client.query<{ id: string }>(
        'insert into public.mark (n) values (0) returning pg_current_xact_id()::text as id',
      );
      given = BigInt(rows[0]?.id ?? 0);
    }
    const { rows } = await client.query<{ status: string }>('select pg_xact_status($1) as status', [
      id,
    ]);
    return rows[0]?.status;
  });
}

test('a write whose COMMIT was lost in a crash is not told by another that got its id', async (t) => {
  const server = await startServer(t);
  await inSession(server.adminUrl, async (client) => {
    await client.query('create table public.mark (n int)');
    await client.query('grant select, insert on public.mark to plinth_app');
  });
  const proxy = await faultProxy(t, { port: Number(new URL(server.url).port) });
  const through = new URL(server.url);
  through.port = String(proxy.port);
  const database = createDatabase({ url: through.href, poolMax: 2 });
  t.after(() => database.drain(0));

  let id = '';
  const writing = database
    .write(testCtx(), async (tx) => {
      ({ id } = await tx.one(mark, { n: 1 }));
      // The COMMIT goes, and arrives nowhere.
      proxy.half('up');
    })
    .then(
      () => 'told to be there',
      (error: unknown) => Problem.from(error).code,
    );
  await eventually(() => assert.notEqual(id, ''));
  await crash(server.adminUrl);
  proxy.cut('reset');
  const status = await eventually(() => giveAgain(server.adminUrl, id));
  proxy.heal();

  assert.equal(status, 'committed', 'the id is another transaction’s now');
  assert.equal(await writing, 'postgres.commit_unknown');
});
