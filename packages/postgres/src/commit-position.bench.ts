import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from 'pg';

import { Connection } from './connection.ts';
import { startEmbedded } from './embedded/index.ts';
import { migrate } from './migrate/migrate.ts';
import { positionOf, positionWire } from './position.ts';
import { beginWire, commitWire, scopeWire, type Scope } from './scope.ts';
import { statementId } from './sql.ts';
import { targetOf } from './wire/target.ts';
import type { Wire } from './wire/wire.ts';

const roundMs = 2_000;
const rounds = 9;
const tenant = '0198c0de-0000-7000-8000-00000000000a';
const scope: Scope = {
  tenant,
  access: 'write',
  isolation: 'read committed',
  statementTimeoutMs: 30_000,
};
const addText = 'insert into points.written (tenant_id, n) values ($1, $2)';
const addName = statementId(addText);
const tables = `
  create schema points;
  create table points.written (tenant_id uuid not null, n bigint not null);
  grant usage on schema points to plinth_app;
  grant insert on points.written to plinth_app;`;

/** The batches of a `write` with one statement: the first with BEGIN and the scope, the last with COMMIT. */
async function commitOnce(connection: Connection, n: number, asks: boolean): Promise<void> {
  const add: Wire = { text: addText, name: addName, values: [tenant, String(n)] };
  const first = await connection.batch([beginWire(scope), scopeWire(scope), add]);
  const last = await connection.batch(asks ? [commitWire, positionWire] : [commitWire]);
  const isCommitted = first.error === undefined && last.answers[0]?.command === 'COMMIT';
  const position = last.answers[1] && positionOf('main', last.answers[1]);
  if (!isCommitted || (position === undefined) === asks) throw new Error('It did not commit.');
}

async function commitsPerSecond(
  connections: readonly Connection[],
  asks: boolean,
): Promise<number> {
  let count = 0;
  const beganMs = performance.now();
  const endsAtMs = beganMs + roundMs;
  const writer = async (connection: Connection) => {
    while (performance.now() < endsAtMs) {
      await commitOnce(connection, count, asks);
      count += 1;
    }
  };
  await Promise.all(connections.map(writer));
  return count / ((performance.now() - beganMs) / 1_000);
}

async function openServer() {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-commits-'));
  // A commit waits for the disk, as in production.
  const server = await startEmbedded({
    folder,
    settings: { fsync: 'on', synchronous_commit: 'on' },
    endsWithStarter: true,
  });
  await migrate(server.adminUrl, []);
  const admin = new Client({ connectionString: server.adminUrl });
  await admin.connect();
  await admin.query(tables);
  await admin.end();
  const close = async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  };
  return { url: server.url, close };
}

/** Transactions of one insert that end with the question for the commit's position, and the same without. */
export const bench = {
  name: 'commit-position',
  async open() {
    const server = await openServer();
    const open = () =>
      Connection.open({
        target: targetOf(server.url, 'bench'),
        namedMax: 256,
        mono: () => performance.now(),
      });
    const all = await Promise.all(Array.from({ length: 8 }, open));
    const cases = [1, 8].map((writers) => ({
      name: writers === 1 ? 'one-writer' : `${writers}-writers`,
      target: 0.95,
      peerName: 'the same transaction without the question',
      unit: 'commits/s',
      better: 'higher',
      rounds,
      async measure(oursFirst: boolean) {
        const result = { ours: 0, peer: 0 };
        const connections = all.slice(0, writers);
        for (const side of oursFirst ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
          result[side] = await commitsPerSecond(connections, side === 'ours');
        }
        return result;
      },
    }));
    const close = async () => {
      await Promise.all(all.map((connection) => connection.close()));
      await server.close();
    };
    return { cases, close };
  },
};
