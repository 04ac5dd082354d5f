import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { startEmbedded } from '@plinth/postgres/embedded';
import { buildWeb } from '@plinth/web/build';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const pollMs = 20;
const readyWithinMs = 120_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Milliseconds from the command to the first page that the product serves. */
async function startProduct(folder: string): Promise<number> {
  const port = await freePort();
  const begin = performance.now();
  const settings = [`PLINTH_DATA=${folder}`, `HTTP_PORT=${port}`, 'OPS_PORT=0'];
  const argv = [process.execPath, 'packages/cli/bin/plinth.js', 'up', '--foreground', '--no-demo'];
  const child = spawn('env', [...settings, ...argv], { cwd: root, stdio: 'ignore' });
  const exit = once(child, 'exit');
  try {
    for (;;) {
      // As a browser asks: the page is given to who wants HTML.
      const headers = { accept: 'text/html' };
      const page = await fetch(`http://127.0.0.1:${port}/`, { headers }).catch(() => undefined);
      if (page?.status === 200) return performance.now() - begin;
      assert(child.exitCode === null, `it ended with ${child.exitCode}`);
      assert(performance.now() - begin < readyWithinMs, 'it does not start');
      await sleep(pollMs);
    }
  } finally {
    child.kill('SIGTERM');
    await exit;
  }
}

/** The same binaries: a data folder where there is none, then a server that answers. */
async function startDatabase(folder: string): Promise<number> {
  const begin = performance.now();
  const server = await startEmbedded({ folder });
  const tookMs = performance.now() - begin;
  await server.stop();
  return tookMs;
}

async function inNewFolder(work: (folder: string) => Promise<number>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-start-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const shared = { unit: 'ms', better: 'lower', rounds: 3 } as const;
const later = async (folder: string) => {
  await startProduct(folder);
  return startProduct(folder);
};

/** To the first page, the interface built and the packages installed before. */
export const bench = {
  name: 'start',
  async open() {
    await buildWeb();
    const cases = [
      {
        ...shared,
        name: 'first',
        peerName: 'initdb and PostgreSQL alone',
        target: 0.2,
        async measure(oursFirst: boolean) {
          const result = { ours: 0, peer: 0 };
          for (const side of oursFirst ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const))
            result[side] = await inNewFolder(side === 'ours' ? startProduct : startDatabase);
          return result;
        },
      },
      {
        ...shared,
        name: 'first-limit',
        peerName: 'limit of 10 s',
        target: 1,
        measure: async () => ({ ours: await inNewFolder(startProduct), peer: 10_000 }),
      },
      {
        ...shared,
        name: 'later-limit',
        peerName: 'limit of 3 s',
        target: 1,
        measure: async () => ({ ours: await inNewFolder(later), peer: 3_000 }),
      },
    ];
    return { cases, close: async () => {} };
  },
};
