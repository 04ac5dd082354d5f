import { mkdtemp, rm } from 'node:fs/promises';
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
  const folder = await mkdtemp(join(tmpdir(), 'plinth-test-'));
  const embedded = await startEmbedded({ folder, settings });
  // A run that ends without its hooks takes the server along.
  const end = () => void process.kill(embedded.pid, 'SIGKILL');
  process.once('exit', end);
  const client = new Client({ connectionString: embedded.adminUrl });
  await client.connect();
  stop = async () => {
    process.off('exit', end);
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
