import { toVersion } from '@plinth/contract';
import type { Ctx } from '@plinth/core';
import type { PageQuery, RowsQuery, SummaryQuery } from '@plinth/postgres';

import { customerList } from './customers-table.ts';
import type { CustomersNeeds } from './needs.ts';

type Asked<query> = Omit<query, 'today' | 'zone'>;

/** The list of customers, as the list protocol asks for it. */
export function listOperations({ database, calendar }: CustomersNeeds) {
  return {
    async listCustomers(ctx: Ctx, input: Asked<PageQuery>) {
      const query = { ...input, ...(await calendar(ctx)) };
      const page = await database.page(ctx, customerList, query);
      return { ...page, items: page.items.map(toWire) };
    },
    async summarizeCustomers(ctx: Ctx, input: Asked<SummaryQuery>) {
      return database.summary(ctx, customerList, { ...input, ...(await calendar(ctx)) });
    },
    async customerRows(ctx: Ctx, input: Asked<RowsQuery>) {
      const query = { ...input, ...(await calendar(ctx)) };
      const rows = await database.rows(ctx, customerList, query);
      return { ...rows, items: rows.items.map(toWire) };
    },
    async *exportCustomers(ctx: Ctx, input: Asked<SummaryQuery>) {
      const query = { ...input, ...(await calendar(ctx)) };
      for await (const rows of database.walk(ctx, customerList, query)) yield* rows.map(toWire);
    },
  };
}

function toWire<row extends { readonly version: number }>(row: row) {
  return { ...row, version: toVersion(row.version) };
}
