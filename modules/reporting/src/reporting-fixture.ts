import type { TestContext } from 'node:test';

import { createCache } from '@plinth/cache';
import { bindLocal } from '@plinth/contract/local';
import { createIds, noLog, systemClock, type Ctx } from '@plinth/core';
import { createMessaging, migrations as messagingMigrations } from '@plinth/messaging';
import { openDatabase, testCtx } from '@plinth/testing';
import fc from 'fast-check';

import { addDays } from './day.ts';
import {
  asWorker,
  foldDocuments,
  foldTaxes,
  insertDocuments,
  insertLines,
} from './fixture-table.ts';
import { createReporting } from './module.ts';

const neighbours = ['customers', 'invoicing', 'payments'].map((module) => ({
  module,
  folder: new URL(`../../${module}/migrations/`, import.meta.url),
}));
export const today = '2026-01-15';
export const newId = createIds(systemClock);
export const ctxOf = (tenant = newId()) => testCtx({ tenant, permissions: ['reporting.read'] });

export async function setUp(t: TestContext) {
  const database = await openDatabase(t, { migrations: [messagingMigrations, ...neighbours] });
  const parts = { database, clock: systemClock, newId, log: noLog };
  const messaging = createMessaging({ ...parts, config: { pollMs: 10 } });
  const cache = await createCache({ clock: systemClock });
  t.after(() => cache.close());
  const module = createReporting({ ...parts, messaging, cache, today: async () => today });
  const client = bindLocal(module, { check: 'full' });

  /** Half of them is folded, the rest is not yet. */
  async function write(ctx: Ctx, documents: readonly Document[]): Promise<void> {
    const half = documents.length >> 1;
    await insert(ctx, documents.slice(0, half));
    await database.write(testCtx(), async (tx) => {
      await tx.run(asWorker, {});
      await tx.one(foldDocuments, {});
      await tx.one(foldTaxes, {});
    });
    await insert(ctx, documents.slice(half));
  }
  async function insert(ctx: Ctx, documents: readonly Document[]): Promise<void> {
    const ids = documents.map(() => newId());
    const lines = documents.flatMap((one, at) =>
      linesOf(one).map((line, index) => ({ ...line, id: ids[at] ?? '', position: index + 1 })),
    );
    await database.run(ctx, insertLines, {
      ids: lines.map(({ id }) => id),
      positions: lines.map(({ position }) => position),
      rates: lines.map(({ rate }) => rate),
      nets: lines.map(({ net }) => net),
    });
    await database.run(ctx, insertDocuments, {
      ids,
      kinds: documents.map(({ kind }) => kind),
      statuses: documents.map(statusOf),
      customerIds: documents.map(({ customer }) => customer),
      currencies: documents.map(({ currency }) => currency),
      issueDates: documents.map(({ issueDate }) => issueDate),
      dueDates: documents.map(({ issueDate, termDays }) => addDays(issueDate, termDays)),
      grosses: documents.map(({ kind, gross }) => (kind === 'invoice' ? gross : -gross)),
      paids: documents.map((document) => (document.draft ? 0 : document.paid)),
    });
  }
  return { database, messaging, client, write };
}

export interface Document {
  readonly kind: 'invoice' | 'credit-note';
  readonly draft: boolean;
  readonly customer: string;
  readonly currency: string;
  readonly issueDate: string;
  readonly termDays: number;
  readonly gross: number;
  readonly paid: number;
}

/** Half of it at 19 %, a tenth at 7 %, the rest at none. */
export function linesOf({
  kind,
  gross,
}: Document): { readonly rate: number; readonly net: number }[] {
  const sign = kind === 'invoice' ? 1 : -1;
  const [half, tenth] = [Math.floor(gross / 2), Math.floor(gross / 10)];
  return [
    { rate: 190_000, net: sign * half },
    { rate: 70_000, net: sign * tenth },
    { rate: 0, net: sign * (gross - half - tenth) },
  ];
}

function statusOf({ kind, draft, gross, paid }: Document): string {
  if (draft) return 'draft';
  if (kind === 'credit-note') return 'issued';
  if (paid === gross) return 'settled';
  return paid > 0 ? 'partly-paid' : 'issued';
}

export const customers = [1, 2, 3, 4].map((n) => `01900000-0000-7000-8000-00000000000${n}`);
export const document = fc
  .record({
    kind: fc.constantFrom('invoice' as const, 'invoice' as const, 'credit-note' as const),
    draft: fc.boolean(),
    customer: fc.constantFrom(...customers),
    currency: fc.constantFrom('EUR', 'USD'),
    issueDate: fc.integer({ min: -400, max: 0 }).map((days) => addDays(today, days)),
    termDays: fc.integer({ min: 0, max: 60 }),
    gross: fc.integer({ min: 1, max: 100_000 }),
    share: fc.constantFrom(0, 0, 0.4, 1),
  })
  .map(({ share, ...rest }) => {
    const isInvoice = rest.kind === 'invoice';
    const paid = isInvoice ? Math.floor(rest.gross * share) : 0;
    return { ...rest, draft: rest.draft && isInvoice, paid };
  });

export const sumBy = <item>(items: readonly item[], amountOf: (item: item) => number) =>
  items.reduce((sum, item) => sum + amountOf(item), 0);
