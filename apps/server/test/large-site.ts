import assert from 'node:assert/strict';
import { mkdir, open, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { readMasterKey } from '@plinth/cli';
import { createLog, loadConfig, Problem } from '@plinth/core';
import { migrate } from '@plinth/postgres';
import { startEmbedded, type Embedded } from '@plinth/postgres/embedded';
import { eventually } from '@plinth/testing';
import { Client } from 'pg';

import { createChassis, type Chassis } from '../src/chassis.ts';
import { configs } from '../src/configs.ts';
import { createProduct, migrations, type Product } from '../src/modules.ts';
import { profiles } from '../src/seed/profiles.ts';
import { seedProfile } from '../src/seed/seed.ts';
import { version } from '../src/version.ts';

/** Seeded once a machine, outside of any clone: a million invoices take a minute or two, and 1.5 GB. */
const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'plinth/large');
const seedNumber = 2_026;
const takenMs = 300_000;
const idleWithinMs = 60_000;

/** The product without listeners, on a company with a million invoices. */
export interface LargeSite {
  readonly tenant: string;
  readonly chassis: Chassis;
  readonly product: Product;
  readonly adminUrl: string;
  /** What the server wrote into its log since the last call. */
  readLog(): Promise<string>;
  close(): Promise<void>;
}

/** @param settings of PostgreSQL, such as those of auto_explain. */
export async function openLargeSite(
  settings: Readonly<Record<string, string>>,
): Promise<LargeSite> {
  await mkdir(folder, { recursive: true });
  await prepareBooks();
  const server = await start(settings);
  const chassis = await createChassis({
    loaded: loadConfig(configs, { PLINTH_MASTER_KEY: await readMasterKey(folder) }),
    databaseUrl: server.url,
    dataFolder: folder,
    version,
    log: createLog({ level: 'error', destination: process.stderr }),
    onJobProgress: () => {},
  });
  await chassis.keys.start?.(AbortSignal.timeout(10_000));
  const tenant = await findTenant(server.adminUrl);
  assert(tenant !== undefined, 'the large company was seeded');
  let readBytes = 0;
  return {
    tenant,
    chassis,
    product: createProduct(chassis, 'edge'),
    adminUrl: server.adminUrl,
    async readLog() {
      await whenIdle(server.adminUrl);
      const file = await open(join(folder, 'postgres', 'postgres.log'));
      const { size } = await file.stat();
      const from = readBytes === 0 ? size : readBytes;
      const { buffer } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      readBytes = size;
      await file.close();
      return buffer.toString();
    },
    async close() {
      await chassis.keys.stop?.(AbortSignal.timeout(10_000));
      await chassis.cache.close();
      await chassis.database.drain(0);
      await server.stop();
    },
  };
}

/** A statement is in the log only once its server process has closed it, which an answer does not wait for. */
async function whenIdle(adminUrl: string): Promise<void> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    const isIdle = async () => {
      const { rows } = await admin.query<{ busy: number }>(
        `select count(*)::int as busy from pg_stat_activity
         where backend_type = 'client backend' and state = 'active' and pid <> pg_backend_pid()`,
      );
      assert.equal(rows[0]?.busy, 0);
    };
    await eventually(isIdle, { withinMs: idleWithinMs });
  } finally {
    await admin.end();
  }
}

/** Another test run on this machine may hold the folder just now. */
function start(settings: Readonly<Record<string, string>>): Promise<Embedded> {
  return eventually(
    () =>
      startEmbedded({
        folder: join(folder, 'postgres'),
        settings: { fsync: 'off', ...settings },
        endsWithStarter: true,
      }),
    { withinMs: takenMs },
  );
}

/** Applies what is new in the schema; a schema that was written anew begins with an empty folder. */
async function prepareBooks(): Promise<void> {
  const server = await start({ wal_level: 'minimal', max_wal_senders: '0', max_wal_size: '8GB' });
  try {
    await migrate(server.adminUrl, migrations);
    if ((await findTenant(server.adminUrl)) === undefined) await seedBooks(server);
  } catch (error) {
    if (!(error instanceof Problem) || !error.code.startsWith('postgres.migration')) throw error;
    await server.stop();
    await rm(folder, { recursive: true });
    await prepareBooks();
    return;
  }
  await server.stop();
}

async function seedBooks({ url, adminUrl, loaderUrl }: Embedded): Promise<void> {
  const tenants = profiles
    .flatMap((profile) => profile.tenants)
    .filter(({ slug }) => slug === slugOfLarge);
  await seedProfile(
    {
      environment: { PLINTH_MASTER_KEY: await readMasterKey(folder) },
      urls: { app: url, admin: adminUrl, loader: loaderUrl },
      dataFolder: folder,
      seed: seedNumber,
      reset: true,
      resume: false,
      signal: AbortSignal.timeout(takenMs * 4),
      onProgress: () => {},
    },
    { name: 'million', tenants, wholesaler: false },
  );
}

const slugOfLarge = 'meridian';

async function findTenant(adminUrl: string): Promise<string | undefined> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    const found = await admin.query<{ found: boolean }>(
      `select to_regclass('plinth_seed.done') is not null as found`,
    );
    if (found.rows[0]?.found !== true) return undefined;
    const { rows } = await admin.query<{ id: string }>(
      `select t.tenant_id as id from plinth_seed.tenant t join plinth_seed.done d using (profile)
       where t.slug = $1 and t.state = 'written'`,
      [slugOfLarge],
    );
    return rows[0]?.id;
  } finally {
    await admin.end();
  }
}
