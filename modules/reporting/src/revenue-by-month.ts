import type { Ctx } from '@plinth/core';

import { addMonths, firstOfMonth, type Day } from './day.ts';
import { findCustomers } from './find-customers.ts';
import { findFreshness } from './freshness-table.ts';
import { oneSnapshot, reportDay, type ReadNeeds } from './needs.ts';
import {
  findMonths,
  findReceived,
  findTaxRates,
  type TaxRateTurnover,
  type Turnover,
} from './turnover-table.ts';

const customersMax = 20;
const monthsShown = 12;

export interface RevenueQuery {
  readonly from?: Day | undefined;
  readonly to?: Day | undefined;
  readonly currency?: string | undefined;
  readonly by?: 'month' | 'customer' | 'tax-rate' | undefined;
}
export interface Revenue {
  readonly from: Day;
  readonly to: Day;
  readonly months: (Turnover & { readonly receivedMinor: number })[];
  readonly customers: {
    readonly customerId: string;
    readonly customerName: string;
    readonly currency: string;
    readonly netMinor: number;
  }[];
  readonly taxRates: TaxRateTurnover[];
  readonly asOf: string;
}

/** Invoiced less credited by month of issue, beside what was received; by default the last twelve months with data. */
export async function revenueByMonth(
  needs: ReadNeeds,
  ctx: Ctx,
  query: RevenueQuery,
): Promise<Revenue> {
  const tenantToday = await needs.today(ctx);
  return needs.database.read(
    ctx,
    async (reader) => {
      const freshness = await findFreshness(reader);
      const to = query.to ?? (await reportDay(reader, tenantToday));
      const from = firstOfMonth(query.from ?? addMonths(to, 1 - monthsShown));
      const [all, received] = await Promise.all([
        findMonths(reader, { from, to }),
        findReceived(reader, { from, to }),
      ]);
      const isShown = ({ currency }: { readonly currency: string }) =>
        query.currency === undefined || currency === query.currency;
      const months = all.filter(isShown).map((row) => ({
        ...row,
        receivedMinor: received.get(`${row.month} ${row.currency}`) ?? 0,
      }));
      const currency = query.currency ?? largest(all);
      const customers =
        query.by === 'customer' && currency !== undefined
          ? await findCustomers(reader, { from, to, currency, rowsMax: customersMax })
          : [];
      const taxRates = query.by === 'tax-rate' ? await findTaxRates(reader, { from, to }) : [];
      return {
        from,
        to,
        months,
        customers,
        taxRates: taxRates.filter(isShown),
        asOf: freshness,
      };
    },
    oneSnapshot,
  );
}

/** The currency with the most documents: amounts of two cannot be compared. */
function largest(months: readonly Turnover[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { currency, invoices } of months)
    counts.set(currency, (counts.get(currency) ?? 0) + invoices);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}
