import type { Ctx } from '@plinth/core';

import { bucketEnds, firstDays, toBuckets, type Bucket } from './buckets.ts';
import type { Day } from './day.ts';
import { findFreshness } from './freshness-table.ts';
import { oneSnapshot, reportDay, type ReadNeeds } from './needs.ts';
import { countCustomers, findCells, sumOwed, type Cell } from './receivables-table.ts';

const customersShown = 100;

export interface AgedQuery {
  readonly asOf?: Day | undefined;
  readonly currency?: string | undefined;
  readonly buckets?: readonly number[] | undefined;
  readonly by?: 'due' | 'issue' | undefined;
  readonly limit?: number | undefined;
}
export interface Aged {
  readonly day: Day;
  readonly buckets: number[];
  readonly currencies: {
    readonly currency: string;
    readonly openMinor: number;
    readonly customers: number;
    readonly buckets: Bucket[];
  }[];
  readonly currency: string | null;
  readonly customers: {
    readonly customerId: string;
    readonly customerName: string;
    readonly openMinor: number;
    readonly buckets: number[];
  }[];
  readonly asOf: string;
}

/** Open amounts by age, in all and of the largest debtors; by the currency asked for, or the one most owe in. */
export async function agedReceivables(needs: ReadNeeds, ctx: Ctx, query: AgedQuery): Promise<Aged> {
  const tenantToday = await needs.today(ctx);
  const ends = [...(query.buckets ?? bucketEnds)].toSorted((a, b) => a - b);
  const by = query.by ?? 'due';
  return needs.database.read(
    ctx,
    async (reader) => {
      const freshness = await findFreshness(reader);
      const day = query.asOf ?? (await reportDay(reader, tenantToday));
      const days = firstDays(day, ends);
      const [owed, counts] = await Promise.all([sumOwed(reader, by, days), countCustomers(reader)]);
      const currencies = [...owed]
        .map(([currency, places]) => {
          const buckets = toBuckets(ends, places);
          const openMinor = buckets.reduce((sum, bucket) => sum + bucket.openMinor, 0);
          return { currency, openMinor, customers: counts.get(currency) ?? 0, buckets };
        })
        .toSorted((a, b) => b.customers - a.customers);
      const currency = query.currency ?? currencies[0]?.currency ?? null;
      const rowsMax = query.limit ?? customersShown;
      const cells =
        currency === null ? [] : await findCells(reader, by, { currency, days, rowsMax });
      return {
        day,
        buckets: ends,
        currencies,
        currency,
        customers: toCustomers(cells, ends),
        asOf: freshness,
      };
    },
    oneSnapshot,
  );
}

/** A row a customer and bucket in which something is open. */
export function agedRows({ currency, currencies, customers }: Aged) {
  const shown = currencies.find((one) => one.currency === currency);
  if (shown === undefined) return [];
  return customers.flatMap(({ customerId, customerName, buckets }) =>
    shown.buckets.flatMap(({ fromDays, toDays }, at) => {
      const openMinor = buckets[at] ?? 0;
      if (openMinor === 0) return [];
      return [{ customerId, customerName, currency: shown.currency, fromDays, toDays, openMinor }];
    }),
  );
}

function toCustomers(cells: readonly Cell[], ends: readonly number[]): Aged['customers'] {
  const rows = new Map<string, Cell[]>();
  for (const cell of cells) rows.set(cell.customerId, [...(rows.get(cell.customerId) ?? []), cell]);
  return [...rows.values()].map((own) => {
    const places = new Map(own.map(({ place, openMinor }) => [place, { openMinor, invoices: 0 }]));
    const buckets = toBuckets(ends, places).map(({ openMinor }) => openMinor);
    return {
      customerId: own[0]?.customerId ?? '',
      customerName: own[0]?.customerName ?? '',
      openMinor: buckets.reduce((sum, amount) => sum + amount, 0),
      buckets,
    };
  });
}
