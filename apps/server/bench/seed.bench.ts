import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { migrate, withoutRollups } from '@plinth/postgres';
import { startEmbedded, type Embedded } from '@plinth/postgres/embedded';
import { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

import { migrations, rollups } from '../src/modules.ts';
import { dropIndexes } from '../src/seed/indexes.ts';
import { createProgress, wipe } from '../src/seed/progress-table.ts';
import { columnsOf, seedTables } from '../src/seed/tables.ts';
import { writeBooks } from '../src/seed/write-books.ts';

const invoices = 100_000;
const wantedPerS = 40_000;
const tenant = {
  name: 'Meridian',
  slug: 'meridian',
  customers: invoices / 5,
  invoices,
  days: 1_095,
};

interface Scene {
  readonly folder: string;
  readonly server: Embedded;
  readonly admin: Client;
}

/** Invoices with their lines, payments and allocations a second, to the last COPY; keys and indexes come after. */
async function seedOnce({ server, admin }: Scene): Promise<number> {
  await wipe(admin);
  const begin = performance.now();
  let copiedMs = 0;
  const books = await writeBooks({
    adminUrl: server.adminUrl,
    loaderUrl: server.loaderUrl,
    profile: { name: 'bench', wholesaler: false, tenants: [tenant] },
    seed: 1,
    todayMs: Date.UTC(2026, 10, 23),
    signal: AbortSignal.timeout(600_000),
    onProgress(step, fraction) {
      if (step === 'books' && fraction === 1) copiedMs = performance.now() - begin;
    },
  });
  return (books.invoices * 1_000) / copiedMs;
}

const fileOf = ({ folder }: Scene, table: string) => join(folder, `${table}.copy`);

async function dump(scene: Scene): Promise<void> {
  for (const table of seedTables) {
    const rows = scene.admin.query(copyTo(`copy ${table} (${columnsOf[table]}) to stdout`));
    await pipeline(rows, createWriteStream(fileOf(scene, table)));
  }
}

/** What psql's \copy does: the same rows from files, a connection a table; no keys, indexes or sums, as in ours. */
async function copyOnce(scene: Scene): Promise<number> {
  await wipe(scene.admin);
  await dropIndexes(scene.admin);
  const tookMs = await withoutRollups(scene.server.adminUrl, rollups, async () => {
    const begin = performance.now();
    await Promise.all(seedTables.map((table) => copyTable(scene, table)));
    return performance.now() - begin;
  });
  const { rows } = await scene.admin.query<{ n: number }>(
    'select count(*)::int as n from invoicing.invoice',
  );
  return ((rows[0]?.n ?? 0) * 1_000) / tookMs;
}

async function copyTable(scene: Scene, table: (typeof seedTables)[number]): Promise<void> {
  const client = new Client({ connectionString: scene.server.loaderUrl });
  await client.connect();
  const into = client.query(copyFrom(`copy ${table} (${columnsOf[table]}) from stdin`));
  await pipeline(createReadStream(fileOf(scene, table)), into);
  await client.end();
}

const shared = { unit: 'invoices/s', better: 'higher', rounds: 3 } as const;

export const bench = {
  name: 'seed',
  async open() {
    const folder = await mkdtemp(join(tmpdir(), 'plinth-seed-'));
    const server = await startEmbedded({ folder: join(folder, 'postgres') });
    await migrate(server.adminUrl, migrations);
    const admin = new Client({ connectionString: server.adminUrl });
    await admin.connect();
    await createProgress(admin);
    const scene = { folder, server, admin };
    await seedOnce(scene);
    await dump(scene);
    const cases = [
      {
        ...shared,
        name: 'copy',
        peerName: 'COPY of the same rows from files',
        target: 0.6,
        async measure(oursFirst: boolean) {
          const result = { ours: 0, peer: 0 };
          for (const side of oursFirst ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const))
            result[side] = await (side === 'ours' ? seedOnce(scene) : copyOnce(scene));
          return result;
        },
      },
      {
        ...shared,
        name: 'rate',
        peerName: 'wanted: 40,000/s',
        target: 1,
        measure: async () => ({ ours: await seedOnce(scene), peer: wantedPerS }),
      },
    ];
    const close = async () => {
      await admin.end();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    };
    return { cases, close };
  },
};
