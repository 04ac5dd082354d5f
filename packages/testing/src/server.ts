import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

import { startEmbedded, type Embedded } from '@plinth/postgres/embedded';
import { Client } from 'pg';

/** Nothing here outlives its test, so nothing needs to reach the disk. */
const settings = {
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '128MB',
  max_connections: '200',
  wal_level: 'replica',
};

export interface TestServer {
  readonly embedded: Embedded;
  /** One statement as the superuser. */
  run(sql: string): Promise<void>;
}

const prefix = 'plinth-test-';
const makingMsMax = 3_600_000;

let running: Promise<TestServer> | undefined;
let stop = async () => {};

/** One PostgreSQL a test process, started by the first test that needs it. */
export function getServer(): Promise<TestServer> {
  running ??= start();
  return running;
}

after(async () => {
  await running;
  await stop();
});

async function start(): Promise<TestServer> {
  await removeLeftovers();
  const folder = await mkdtemp(join(tmpdir(), prefix));
  const embedded = await startEmbedded({ folder, settings, endsWithStarter: true });
  const client = new Client({ connectionString: embedded.adminUrl });
  await client.connect();
  stop = async () => {
    await client.end();
    await embedded.stop();
    await rm(folder, { recursive: true });
  };
  let queue: Promise<unknown> = Promise.resolve();
  return {
    embedded,
    run(sql) {
      const done = queue.then(() => client.query(sql));
      queue = done.catch(() => undefined);
      return done.then(() => undefined);
    },
  };
}

/** Folders of runs that were killed: their servers ended with them. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(tmpdir(), name);
    if (await isLeftover(folder)) await rm(folder, { recursive: true, force: true });
  }
}

async function isLeftover(folder: string): Promise<boolean> {
  try {
    const owner: unknown = JSON.parse(await readFile(join(folder, 'owner.json'), 'utf8'));
    const isOwned =
      typeof owner === 'object' &&
      owner !== null &&
      'pid' in owner &&
      typeof owner.pid === 'number' &&
      isRunning(owner.pid);
    return !isOwned && !isRunning(await serverOf(folder));
  } catch {
    // Just being made or removed by another run; one that was killed at it is a leftover after an hour.
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }));
    return Date.now() - mtimeMs > makingMsMax;
  }
}

async function serverOf(folder: string): Promise<number> {
  try {
    const text = await readFile(join(folder, 'data/postmaster.pid'), 'utf8');
    return Number(text.split('\n')[0]);
  } catch {
    return 0;
  }
}

function isRunning(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
