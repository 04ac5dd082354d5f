import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';

import { createDatabase, migrate, startFolding, type Database } from '@plinth/postgres';
import { startEmbedded } from '@plinth/postgres/embedded';

import { documentRollup } from './document-rollup.ts';
import { deleteAll, insertBulk, triggersOff, triggersOn } from './fixture-table.ts';
import { ctxOf, invoicingMigrations, line, startInvoicing } from './invoicing-fixture.ts';
import { taxRollup } from './tax-rollup.ts';

/** Its own, with the disk's real commits, as a product has them. */
const folder = resolve('node_modules/.cache/rollup-cost');
const turnCommands = 20;
const turnsCount = 16;
const bulkRows = 20_000;
const rounds = 5;
const bulkTenant = '01900000-0000-7000-8000-00000000000c';

interface Scene {
  /** As a superuser. */
  readonly admin: Database;
  readonly database: Database;
  readonly started: ReturnType<typeof startInvoicing>;
}
type Side = 'ours' | 'peer';

/** The peer writes without the triggers. */
async function switchTriggers(admin: Database, side: Side): Promise<void> {
  await admin.run(nobody(), side === 'ours' ? triggersOn : triggersOff, {});
}

const nobody = () => ctxOf('none');

async function measureBoth(oursFirst: boolean, one: (side: Side) => Promise<number>) {
  const result = { ours: 0, peer: 0 };
  const sides = oursFirst ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const);
  for (const side of sides) result[side] = await one(side);
  return result;
}

/** Milliseconds a command: medians of both sides in turns of a few, so that neither has the busier minute. */
async function measureIssue({ started, admin }: Scene, oursFirst: boolean) {
  const ctx = ctxOf(started.newId());
  const customerId = await started.makeCustomer(ctx);
  const times: Record<Side, number[]> = { ours: [], peer: [] };
  for (let turn = 0; turn < turnsCount; turn += 1) {
    const ids: string[] = [];
    for (let n = 0; n < turnCommands; n += 1) {
      const lines = [line(1_000), line(250, '3'), line(99, '2')];
      ids.push((await started.client.createDraft(ctx, { customerId, lines })).id);
    }
    const side = oursFirst === (turn % 2 === 0) ? 'ours' : 'peer';
    await switchTriggers(admin, side);
    for (const id of ids) {
      const begin = performance.now();
      await started.client.issueInvoice(ctx, { id });
      times[side].push(performance.now() - begin);
    }
  }
  return { ours: medianOf(times.ours), peer: medianOf(times.peer) };
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

/** Rows a second of one statement that inserts many. */
async function insertMany({ admin }: Scene, side: Side): Promise<number> {
  await switchTriggers(admin, side);
  const begin = performance.now();
  await admin.run(nobody(), insertBulk, { rows: bulkRows, tenant: bulkTenant });
  return (bulkRows * 1_000) / (performance.now() - begin);
}

export const bench = {
  name: 'rollup-cost',
  async open() {
    await mkdir(folder, { recursive: true });
    const server = await startEmbedded({ folder });
    await migrate(server.adminUrl, invoicingMigrations);
    const admin = createDatabase({ url: server.adminUrl, slowMs: 60_000, commandMs: 600_000 });
    const database = createDatabase({ url: server.url, slowMs: 60_000 });
    const folding = startFolding({ database, rollups: [documentRollup, taxRollup] });
    const scene: Scene = { admin, database, started: startInvoicing(database) };
    const close = async () => {
      await folding.stop();
      await database.drain(0);
      await admin.run(nobody(), triggersOn, {});
      await admin.run(nobody(), deleteAll, {});
      await admin.drain(0);
      await server.stop();
    };
    const issue = {
      name: 'issue',
      peerName: 'the command without triggers',
      target: 0.83,
      unit: 'ms',
      better: 'lower',
      rounds,
      measure: (oursFirst: boolean) => measureIssue(scene, oursFirst),
    };
    const bulk = {
      name: 'bulk',
      peerName: 'the insert without triggers',
      target: 0.7,
      unit: 'rows/s',
      better: 'higher',
      rounds,
      measure: (oursFirst: boolean) => measureBoth(oursFirst, (side) => insertMany(scene, side)),
    };
    return { cases: [issue, bulk], close };
  },
};
