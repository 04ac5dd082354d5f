import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { Ctx } from '@plinth/core';
import { createDatabase, migrate, type Database } from '@plinth/postgres';
import { startEmbedded } from '@plinth/postgres/embedded';

import { ctxOf, invoicingMigrations, line, startInvoicing } from './invoicing-fixture.ts';

/** Its own, with the disk's real commits: they are what gapless numbers wait for. */
const folder = resolve('node_modules/.cache/issue-contention');
const peopleCount = 50;
const eachCount = 8;

type Client = ReturnType<typeof startInvoicing>['client'];

/** Invoices issued a second by fifty people, each of whom issues one after the other. */
async function issuedPerSecond(client: Client, people: readonly (readonly Draft[])[]) {
  const begin = performance.now();
  await Promise.all(
    people.map(async (drafts) => {
      for (const { ctx, id } of drafts) await client.issueInvoice(ctx, { id });
    }),
  );
  return (peopleCount * eachCount * 1_000) / (performance.now() - begin);
}

interface Draft {
  readonly ctx: Ctx;
  readonly id: string;
}

/** Fifty desks with eight drafts each: in one company, or each in a company of its own. */
async function writeDrafts(
  { client, makeCustomer, newId }: ReturnType<typeof startInvoicing>,
  tenants: 'one' | 'each its own',
): Promise<Draft[][]> {
  const shared = newId();
  return Promise.all(
    Array.from({ length: peopleCount }, async () => {
      const ctx = ctxOf(tenants === 'one' ? shared : newId());
      const customerId = await makeCustomer(ctx);
      const drafts: Draft[] = [];
      for (let n = 0; n < eachCount; n += 1) {
        const lines = [line(1_000), line(250, '3')];
        const { id } = await client.createDraft(ctx, { customerId, lines });
        drafts.push({ ctx, id });
      }
      return drafts;
    }),
  );
}

async function measure(database: Database, oursFirst: boolean) {
  const started = startInvoicing(database);
  const result = { ours: 0, peer: 0 };
  for (const side of oursFirst ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
    const drafts = await writeDrafts(started, side === 'ours' ? 'one' : 'each its own');
    result[side] = await issuedPerSecond(started.client, drafts);
  }
  return result;
}

export const bench = {
  name: 'issue-contention',
  async open() {
    await mkdir(folder, { recursive: true });
    const server = await startEmbedded({ folder });
    await migrate(server.adminUrl, invoicingMigrations);
    const database = createDatabase({ url: server.url, poolMax: 16, slowMs: 60_000 });
    const close = async () => {
      await database.drain(0);
      await server.stop();
    };
    const gapless = {
      name: 'one-tenant',
      peerName: 'the same by 50 tenants',
      target: 0.4,
      unit: 'invoices/s',
      better: 'higher',
      rounds: 5,
      measure: (oursFirst: boolean) => measure(database, oursFirst),
    };
    return { cases: [gapless], close };
  },
};
