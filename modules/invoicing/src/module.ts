import { implement, toVersion, type Implementation } from '@plinth/contract';
import type { Ctx } from '@plinth/core';
import type { SummaryQuery } from '@plinth/postgres';

import { deleteJob, issueJob, runBatch, startBatch } from './batch.ts';
import { changeDraft } from './change-draft.ts';
import { invoicing } from './contract.ts';
import { createDraft } from './create-draft.ts';
import { creditInvoice, voidInvoice } from './credit-invoice.ts';
import { addDays, yearOf } from './day.ts';
import { deleteDraft, deleteIn } from './delete-draft.ts';
import { duplicateInvoice } from './duplicate-invoice.ts';
import { scheduleOverdue } from './find-overdue.ts';
import { getInvoice } from './get-invoice.ts';
import { defineImport, runImport, uploadImport } from './import-invoices.ts';
import { exportErrors, exportRejects, getImport, listImports } from './import-wire.ts';
import { formatNumber, seriesList } from './invoice.ts';
import { invoiceList } from './invoice-list-table.ts';
import { issueIn, issueInvoice } from './issue-invoice.ts';
import { announceLive } from './live.ts';
import type { InvoicingNeeds } from './needs.ts';
import { followCustomers } from './on-customers.ts';
import { followPayments } from './on-payments.ts';
import { findCurrencies, findLastDay } from './range-table.ts';
import { findCounts } from './series-table.ts';
import { expandStatus } from './status-filter.ts';

export { documentRollup } from './document-rollup.ts';
export { taxRollup } from './tax-rollup.ts';
export { migrations } from './invoice-table.ts';
export type { InvoicingNeeds } from './needs.ts';
export { wholesaler } from './wholesaler.ts';

const importsShown = 50;

/** Also registers the module's subscriptions, jobs, schedule and channel: before messaging and jobs start. */
export function createInvoicing(needs: InvoicingNeeds): Implementation<typeof invoicing> {
  followPayments(needs);
  followCustomers(needs);
  announceLive(needs);
  scheduleOverdue(needs);
  defineImport(needs);
  defineBatches(needs);
  return implement(invoicing, {
    ...lists(needs),
    getInvoice: (ctx, { id }) => getInvoice(needs, ctx, id),
    createDraft: (ctx, input) => createDraft(needs, ctx, input),
    changeDraft: (ctx, input) => changeDraft(needs, ctx, input),
    deleteDraft: (ctx, input) => deleteDraft(needs, ctx, input),
    issueInvoice: (ctx, input) => issueInvoice(needs, ctx, input),
    voidInvoice: (ctx, input) => voidInvoice(needs, ctx, input),
    creditInvoice: (ctx, input) => creditInvoice(needs, ctx, input),
    duplicateInvoice: (ctx, { id }) => duplicateInvoice(needs, ctx, id),
    issueInvoices: (ctx, { selection, args }) =>
      startBatch(needs, ctx, issueJob, { selection, issueDate: args?.issueDate ?? null }),
    deleteDrafts: (ctx, { selection }) =>
      startBatch(needs, ctx, deleteJob, { selection, issueDate: null }),
    uploadImport: (ctx, input) => uploadImport(needs, ctx, input),
    runImport: (ctx, input) => runImport(needs, ctx, input),
    getImport: (ctx, { id }) => getImport(needs, ctx, id),
    listImports: async (ctx, { limit = importsShown }) => ({
      items: await listImports(needs, ctx, limit),
    }),
    exportImportErrors: (ctx, { id }) => exportErrors(needs, ctx, id),
    exportImportRejects: (ctx, { id }) => exportRejects(needs, ctx, id),
  });
}

function lists({ database, calendar }: InvoicingNeeds) {
  const queryOf = async <query extends { readonly f?: readonly string[] | undefined }>(
    ctx: Ctx,
    query: query,
  ) => {
    const { today, zone } = await calendar(ctx);
    return { ...expandStatus(query, today), zone };
  };
  return {
    async listInvoices(ctx: Ctx, query: Omit<Parameters<typeof database.page>[2], 'today'>) {
      const page = await database.page(ctx, invoiceList, await queryOf(ctx, query));
      return { ...page, items: page.items.map(toWire) };
    },
    async summarizeInvoices(ctx: Ctx, query: Omit<SummaryQuery, 'today'>) {
      return database.summary(ctx, invoiceList, await queryOf(ctx, query));
    },
    async rowsOfInvoices(
      ctx: Ctx,
      query: { readonly ids: readonly string[]; readonly f?: readonly string[] | undefined },
    ) {
      const rows = await database.rows(ctx, invoiceList, await queryOf(ctx, query));
      return { ...rows, items: rows.items.map(toWire) };
    },
    async *exportInvoices(ctx: Ctx, query: Omit<SummaryQuery, 'today'>) {
      const whole = await queryOf(ctx, query);
      for await (const rows of database.walk(ctx, invoiceList, whole)) yield* rows.map(toWire);
    },
    async listSeries(ctx: Ctx, query: { readonly year?: number | undefined }) {
      const year = query.year ?? yearOf((await calendar(ctx)).today);
      const counts = await database.read(ctx, (reader) => findCounts(reader, year));
      const items = seriesList.map(({ code, kind }) => {
        const issued = counts.get(code) ?? 0;
        const next = kind === 'imported' ? null : formatNumber(code, year, issued + 1);
        return { code, kind, year, issued, next };
      });
      return { items };
    },
    openRange: (ctx: Ctx) =>
      database.read(ctx, async (reader) => {
        const last = await findLastDay(reader);
        if (last === undefined) return { from: null, to: null, currencies: [] };
        const from = firstOfYearBack(last);
        const currencies = await findCurrencies(reader, { from, to: last });
        return { from, to: last, currencies };
      }),
  };
}

function toWire<row extends { readonly version: number }>(
  row: row,
): Omit<row, 'version'> & { version: string } {
  return { ...row, version: toVersion(row.version) };
}

/** The first day of the month eleven months before: with its own month, twelve. */
function firstOfYearBack(day: string): string {
  const month = Number(day.slice(5, 7));
  const year = yearOf(day) - (month === 12 ? 0 : 1);
  return addDays(`${year}-${String((month % 12) + 1).padStart(2, '0')}-01`, 0);
}

function defineBatches(needs: InvoicingNeeds): void {
  needs.jobs.define(issueJob, (input, x) =>
    runBatch(needs, x, input, (tx, id, today) =>
      issueIn(needs, tx, { id, today, issueDate: input.issueDate ?? undefined }),
    ),
  );
  needs.jobs.define(deleteJob, (input, x) =>
    runBatch(needs, x, input, (tx, id) => deleteIn(needs, tx, { id })),
  );
}
