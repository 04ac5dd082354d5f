import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createCache, type Cache } from '@plinth/cache';
import type { Client as ClientOf } from '@plinth/contract';
import { bindLocal } from '@plinth/contract/local';
import { createIds, noLog, systemClock } from '@plinth/core';
import { createMessaging } from '@plinth/messaging';
import { createDatabase, migrate, withoutRollups } from '@plinth/postgres';
import { startEmbedded, type Embedded } from '@plinth/postgres/embedded';
import type { reporting } from '@plinth/reporting';
import { createReporting } from '@plinth/reporting/module';
import { Client } from 'pg';

import { migrations, rollups } from '../src/modules.ts';
import { systemContext } from '../src/system-context.ts';
import { fillBooks, tenant, today } from './large-books.ts';

const settings = { fsync: 'off', shared_buffers: '1GB', max_wal_size: '8GB', work_mem: '64MB' };
const runs = 11;

type Reports = ClientOf<typeof reporting>;
const clock = systemClock;
const newId = createIds(clock);
const ctx = () => systemContext({ clock, newId, log: noLog }, tenant);

const midMonth = { from: '2024-11-01', to: '2025-10-15' };

const reports: Readonly<Record<string, (client: Reports) => Promise<unknown>>> = {
  dashboard: (client) => client.getDashboard(ctx(), {}),
  aged: (client) => client.agedReceivables(ctx(), {}),
  'aged-by-issue': (client) => client.agedReceivables(ctx(), { by: 'issue' }),
  revenue: (client) => client.revenueByMonth(ctx(), {}),
  forecast: (client) => client.cashForecast(ctx(), {}),
  'revenue-by-customer': (client) => client.revenueByMonth(ctx(), { by: 'customer' }),
  // The month's documents on one side of the last day are read one by one: here they are most.
  'revenue-by-customer-to-mid-month': (client) =>
    client.revenueByMonth(ctx(), { ...midMonth, by: 'customer' }),
  'revenue-by-tax-rate': (client) => client.revenueByMonth(ctx(), { by: 'tax-rate' }),
};

const overLines = `
  select tax_ppm, count(*) as lines, sum(net_minor) as net from invoicing.line group by 1 order by 1`;
const overInvoices = `
  select date_trunc('month', issue_date::timestamp) as month, currency, sum(net_minor) as net
  from invoicing.invoice where status <> 'draft' group by 1, 2`;

async function median(times: number, work: () => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (let run = 0; run < times; run += 1) {
    const begin = performance.now();
    await work();
    all.push(performance.now() - begin);
  }
  return all.toSorted((a, b) => a - b)[times >> 1] ?? Number.NaN;
}

class Scene {
  readonly folder: string;
  server: Embedded;

  constructor(folder: string, server: Embedded) {
    this.folder = folder;
    this.server = server;
  }

  /** On connections of its own, which have prepared nothing yet; `forget` empties the module's cache. */
  async withReports<result>(
    work: (client: Reports, forget: () => Promise<unknown>) => Promise<result>,
  ): Promise<result> {
    const database = createDatabase({ url: this.server.url, slowMs: 60_000, log: noLog });
    const cache: Cache = await createCache({ clock: systemClock });
    const parts = { database, clock: systemClock, newId: createIds(systemClock), log: noLog };
    const messaging = createMessaging({ ...parts, config: { pollMs: 1_000 } });
    const needs = { ...parts, messaging, cache, today: async () => today };
    const client = bindLocal(createReporting(needs), { check: 'edge' });
    try {
      return await work(client, () => cache.invalidate({ tags: [`reports:${tenant}`] }));
    } finally {
      await cache.close();
      await database.drain(0);
    }
  }

  async asAdmin<result>(work: (admin: Client) => Promise<result>): Promise<result> {
    const admin = new Client({ connectionString: this.server.adminUrl });
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.end();
    }
  }

  /** The server's own memory is empty after it; the kernel's is not. */
  async restart(): Promise<void> {
    await this.server.stop();
    this.server = await startEmbedded({ folder: this.folder, settings });
  }
}

function limitCase(name: string, limitMs: number, ours: () => Promise<number>, rounds = 5) {
  return {
    name,
    peerName: `limit of ${limitMs} ms`,
    target: 1,
    unit: 'ms',
    better: 'lower',
    rounds,
    measure: async () => ({ ours: await ours(), peer: limitMs }),
  };
}

function casesOf(scene: Scene) {
  const warm = Object.entries(reports).map(([name, report]) =>
    limitCase(name, 100, () =>
      scene.withReports(async (client, forget) => {
        await report(client);
        return median(runs, async () => {
          await forget();
          await report(client);
        });
      }),
    ),
  );
  const coldest = async () => {
    let slowest = 0;
    for (const report of Object.values(reports)) {
      await scene.restart();
      const ms = await scene.withReports((client) => median(1, () => report(client)));
      slowest = Math.max(slowest, ms);
    }
    return slowest;
  };
  const revenue = {
    name: 'rollup',
    peerName: 'the same from 2.5 M invoices',
    target: 40,
    unit: 'ms',
    better: 'lower',
    rounds: 3,
    measure: () =>
      scene.asAdmin(async (admin) => ({
        ours: await median(runs, () =>
          admin.query(`select date_trunc('month', issue_date::timestamp) as month, currency, sum(net_minor) as net
            from invoicing_api.turnover_by_day where tenant_id = '${tenant}' group by 1, 2`),
        ),
        peer: await median(1, () => admin.query(overInvoices)),
      })),
  };
  const base = () => scene.asAdmin(async (admin) => median(3, () => admin.query(overLines)));
  return [
    ...warm,
    revenue,
    limitCase('lines', 2_000, base, 3),
    limitCase('cold', 2_000, coldest, 3),
  ];
}

export const bench = {
  name: 'report',
  async open() {
    const folder = await mkdtemp(join(tmpdir(), 'plinth-report-bench-'));
    const server = await startEmbedded({ folder, settings });
    await migrate(server.adminUrl, migrations);
    const scene = new Scene(folder, server);
    await withoutRollups(server.adminUrl, rollups, () => scene.asAdmin(fillBooks));
    const close = async () => {
      await scene.server.stop();
      await rm(folder, { recursive: true });
    };
    return { cases: casesOf(scene), close };
  },
};
