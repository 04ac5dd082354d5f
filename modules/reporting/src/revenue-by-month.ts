import type { Ctx } from '@plinth/core';

import { addMonths, firstOfMonth, type Day } from './day.ts';
import { findCustomers } from './find-customers.ts';
import { findFreshness } from './freshness-table.ts';
import { oneSnapshot, reportDay, type ReadNeeds } from './needs.ts';
import { findMonths, findReceived, type Turnover } from './turnover-table.ts';

const customersMax = 20;
const monthsShown = 12;

export interface RevenueQuery {
  readonly from?: Day | undefined;
  readonly to?: Day | undefined;
  readonly currency?: string | undefined;
  readonly by?: 'month' | 'customer' | undefined;
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
      const from = query.from ?? addMonths(to, 1 - monthsShown);
      const [all, received] = await Promise.all([
        findMonths(reader, { from: firstOfMonth(from), to }),
        findReceived(reader, { from: firstOfMonth(from), to }),
      ]);
      const months = all
        .filter(({ currency }) => query.currency === undefined || currency === query.currency)
        .map((row) => ({
          ...row,
          receivedMinor: received.get(`${row.month} ${row.currency}`) ?? 0,
        }));
      const currency = query.currency ?? largest(all);
      const customers =
        query.by === 'customer' && currency !== undefined
          ? await findCustomers(reader, {
              from: firstOfMonth(from),
              to,
              currency,
              rowsMax: customersMax,
            })
          : [];
      return {
        from: firstOfMonth(from),
        to,
        months,
        customers,
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
