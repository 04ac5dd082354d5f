import { implement, toVersion, type Implementation } from '@plinth/contract';
import type { Ctx } from '@plinth/core';
import type { PageQuery, SummaryQuery } from '@plinth/postgres';

import { allocatePayment } from './allocate-payment.ts';
import { payments } from './contract.ts';
import { announceLive } from './live.ts';
import type { PaymentsNeeds } from './needs.ts';
import { followInvoices } from './on-invoices.ts';
import { findOpen } from './open-item-table.ts';
import { paymentList } from './payment-list-table.ts';
import { findCredits } from './payment-table.ts';
import { recordPayment } from './record-payment.ts';
import { refundPayment } from './refund-payment.ts';
import { unallocatePayment } from './unallocate-payment.ts';
import { readDetail, requirePayment } from './wire.ts';

export { migrations } from './payment-table.ts';
export { receiptRollup } from './receipt-rollup.ts';
export type { PaymentsNeeds } from './needs.ts';

const openItemsMax = 500;

/** Also registers the module's subscriptions and channel: before messaging starts. */
export function createPayments(needs: PaymentsNeeds): Implementation<typeof payments> {
  const { database } = needs;
  followInvoices(needs);
  announceLive(needs);
  return implement(payments, {
    ...lists(needs),
    listOpenItems: (ctx, { customerId, currency }) =>
      database.read(ctx, async (reader) => {
        const query = { customerId, currency: currency ?? null, rowsMax: openItemsMax + 1 };
        const [items, credits] = await Promise.all([
          findOpen(reader, query),
          findCredits(reader, customerId),
        ]);
        return {
          items: items.slice(0, openItemsMax),
          more: items.length > openItemsMax,
          credits,
        };
      }),
    getPayment: (ctx, { id }) =>
      database.read(ctx, async (reader) => readDetail(reader, await requirePayment(reader, id))),
    recordPayment: (ctx, input) => recordPayment(needs, ctx, input),
    allocatePayment: (ctx, input) => allocatePayment(needs, ctx, input),
    unallocatePayment: (ctx, input) => unallocatePayment(needs, ctx, input),
    refundPayment: (ctx, input) => refundPayment(needs, ctx, input),
  });
}

function lists({ database, calendar }: PaymentsNeeds) {
  const dated = async <query>(ctx: Ctx, query: query) => ({
    ...query,
    ...(await calendar(ctx)),
  });
  return {
    async listPayments(ctx: Ctx, query: Omit<PageQuery, 'today'>) {
      const page = await database.page(ctx, paymentList, await dated(ctx, query));
      return { ...page, items: page.items.map(toWire) };
    },
    async summarizePayments(ctx: Ctx, query: Omit<SummaryQuery, 'today'>) {
      return database.summary(ctx, paymentList, await dated(ctx, query));
    },
    async rowsOfPayments(
      ctx: Ctx,
      query: { readonly ids: readonly string[]; readonly f?: readonly string[] | undefined },
    ) {
      const rows = await database.rows(ctx, paymentList, await dated(ctx, query));
      return { ...rows, items: rows.items.map(toWire) };
    },
    async *exportPayments(ctx: Ctx, query: Omit<SummaryQuery, 'today'>) {
      const whole = await dated(ctx, query);
      for await (const rows of database.walk(ctx, paymentList, whole)) yield* rows.map(toWire);
    },
  };
}

function toWire<row extends { readonly version: number }>(
  row: row,
): Omit<row, 'version'> & { version: string } {
  return { ...row, version: toVersion(row.version) };
}
