import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { findEmbedded } from '@plinth/postgres/embedded';
import { eventually, startProcess, type Proc } from '@plinth/testing';

import { openSite } from '../src/site.ts';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const password = 'correct horse battery';

export const roles = ['owner', 'accountant', 'clerk', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** The product in processes of its own, on a data folder that outlives them. */
export interface Site {
  readonly url: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Starts it, and waits until it answers. */
  start(): Promise<Proc>;
  /** A company with one person a role: `owner@NAME.example`. */
  provision(name: string): Promise<{ tenantId: string }>;
  postgresPid(): Promise<number>;
  adminUrl(): Promise<string>;
  /** Under the application's own role. */
  appUrl(): Promise<string>;
}

interface SiteOptions {
  /** Builds the pages, where they are older than their sources, and serves them. */
  readonly withInterface?: boolean;
  /** Beside what every site has. */
  readonly settings?: Readonly<Record<string, string>>;
}

export async function createSite(
  t: TestContext,
  { withInterface = false, settings = {} }: SiteOptions = {},
): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-site-'));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HTTP_PORT: String(port),
    OPS_PORT: '0',
    PLINTH_DATA: folder,
    NO_COLOR: '1',
    ...settings,
  };
  const argv = [
    process.execPath,
    'packages/cli/bin/plinth.js',
    'up',
    '--foreground',
    '--no-demo',
    ...(withInterface ? [] : ['--no-interface']),
  ];
  // It may be starting again just now.
  const database = () =>
    eventually(
      async () => {
        const found = await findEmbedded(join(folder, 'postgres'));
        assert(found !== undefined, 'the database of the site runs');
        return found;
      },
      { withinMs: 30_000 },
    );
  return {
    url,
    folder,
    environment,
    start: () =>
      startProcess(t, argv, {
        cwd: root,
        env: environment,
        ready: /Plinth is ready/u,
        withinMs: 60_000,
      }),
    provision: async (name) => {
      const { readMasterKey } = await import('@plinth/cli');
      const master = await readMasterKey(folder);
      return provision((await database()).url, { folder, name, master });
    },
    postgresPid: async () => (await database()).pid,
    adminUrl: async () => (await database()).adminUrl,
    appUrl: async () => (await database()).url,
  };
}

interface NewTenant {
  readonly folder: string;
  readonly name: string;
  readonly master: string;
}

/** A company with one person a role, made beside a product that runs. */
export async function provision(
  databaseUrl: string,
  { folder, name, master }: NewTenant,
): Promise<{ tenantId: string }> {
  const site = await openSite({
    environment: { PLINTH_MASTER_KEY: master },
    urls: { app: databaseUrl },
    dataFolder: folder,
  });
  const { tenantId } = await site.product.identity.provision({
    name,
    currency: 'EUR',
    zone: 'Europe/Berlin',
    locale: 'en-GB',
    country: 'DE',
    users: roles.map((role) => ({ role, name: role, email: `${role}@${name}.example`, password })),
  });
  await site.close();
  return { tenantId };
}

export async function findFreePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<number>();
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    server.close(() => resolve(port));
  });
  return promise;
}
