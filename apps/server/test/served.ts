import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { startProcess } from '@plinth/testing';

import { provision, root } from './site.ts';

const master = `test:${Buffer.alloc(32, 7).toString('base64')}`;

/** The server as a process of its own, on a database that is there. */
export interface Served {
  readonly url: string;
  provision(name: string): Promise<{ tenantId: string }>;
}

/** @param databaseUrl where it serves from. @param environment on top: a direct URL, how statements are sent. */
export async function startServed(
  t: TestContext,
  databaseUrl: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-served-'));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const server = await startProcess(t, [process.execPath, 'apps/server/src/main.ts'], {
    cwd: root,
    env: {
      PATH: process.env['PATH'] ?? '',
      HTTP_PORT: '0',
      OPS_PORT: '0',
      PLINTH_DATA: folder,
      PLINTH_MASTER_KEY: master,
      DATABASE_URL: databaseUrl,
      ...environment,
    },
    ready: /"server\.ready"/u,
    withinMs: 60_000,
  });
  const [, url = ''] = await server.waitFor(/"url":"(http:[^"]+)"[^\n]*"server\.ready"/u);
  const direct = environment['DATABASE_DIRECT_URL'] ?? databaseUrl;
  return { url, provision: (name) => provision(direct, { folder, name, master }) };
}
