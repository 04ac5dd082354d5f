import type { Ctx } from '@plinth/core';
import type { Reader } from '@plinth/postgres';

import { countDrafts, findCredits, type Credit } from './attention-table.ts';
import { bucketEnds, firstDays, toBuckets, type Bucket, type Owed } from './buckets.ts';
import { addDays, addMonths, firstOfMonth, type Day } from './day.ts';
import type { Debtor } from './debtors-table.ts';
import { findDebtors } from './find-debtors.ts';
import { findFreshness } from './freshness-table.ts';
import { oneSnapshot, reportDay, type ReadNeeds } from './needs.ts';
import { sumDueBetween, sumOwed } from './receivables-table.ts';
import { findMonths, findReceived } from './turnover-table.ts';

const debtorsMax = 10;
const soonDays = 7;
const oldDraftDays = 7;

export interface DashboardCurrency {
  readonly currency: string;
  readonly receivableMinor: number;
  readonly receivableInvoices: number;
  readonly overdueMinor: number;
  readonly overdueInvoices: number;
  readonly dueSoonMinor: number;
  readonly dueSoonInvoices: number;
  readonly receivedMonthMinor: number;
  readonly receivedMonthBeforeMinor: number;
  readonly invoicedMonthMinor: number;
  readonly creditMinor: number;
  readonly aged: Bucket[];
  readonly topDebtors: Debtor[];
}
export interface Dashboard {
  readonly today: Day;
  readonly currencies: DashboardCurrency[];
  readonly needsYou: {
    readonly drafts: number;
    readonly oldDrafts: number;
    readonly unallocatedPayments: number;
    readonly overdueInvoices: number;
  };
  readonly asOf: string;
}

/** What is owed, late, due soon and received; the currency with the most open documents first. */
export async function getDashboard(
  needs: ReadNeeds,
  ctx: Ctx,
  { asOf }: { readonly asOf?: Day | undefined },
): Promise<Dashboard> {
  const tenantToday = await needs.today(ctx);
  return needs.database.read(
    ctx,
    async (reader) => {
      const freshness = await findFreshness(reader);
      const today = asOf ?? (await reportDay(reader, tenantToday));
      const facts = await readFacts(reader, today);
      const currencies = [...facts.currencies]
        .map((currency) => toCurrency(currency, today, facts))
        .toSorted((a, b) => b.receivableInvoices - a.receivableInvoices);
      return {
        today,
        currencies,
        needsYou: {
          ...facts.drafts,
          unallocatedPayments: sumOf([...facts.credits.values()], ({ payments }) => payments),
          overdueInvoices: sumOf(currencies, ({ overdueInvoices }) => overdueInvoices),
        },
        asOf: freshness,
      };
    },
    oneSnapshot,
  );
}

interface Facts {
  readonly owed: ReadonlyMap<string, ReadonlyMap<number, Owed>>;
  readonly soon: ReadonlyMap<string, Owed>;
  readonly debtors: ReadonlyMap<string, Debtor[]>;
  readonly received: ReadonlyMap<string, number>;
  readonly invoiced: ReadonlyMap<string, number>;
  readonly credits: ReadonlyMap<string, Credit>;
  readonly drafts: { readonly drafts: number; readonly oldDrafts: number };
  readonly currencies: ReadonlySet<string>;
}

async function readFacts(reader: Reader, today: Day): Promise<Facts> {
  const month = firstOfMonth(today);
  const [owed, soon, debtors, received, months, credits, drafts] = await Promise.all([
    sumOwed(reader, 'due', firstDays(today, bucketEnds)),
    sumDueBetween(reader, { from: today, to: addDays(today, soonDays) }),
    findDebtors(reader, { today, rowsMax: debtorsMax }),
    findReceived(reader, { from: addMonths(today, -1), to: today }),
    findMonths(reader, { from: month, to: today }),
    findCredits(reader),
    countDrafts(reader, addDays(today, -oldDraftDays)),
  ]);
  const invoiced = new Map(months.map(({ currency, grossMinor }) => [currency, grossMinor]));
  const currencies = new Set([...owed.keys(), ...invoiced.keys(), ...credits.keys()]);
  for (const place of received.keys()) currencies.add(place.slice(-3));
  return { owed, soon, debtors, received, invoiced, credits, drafts, currencies };
}

function toCurrency(currency: string, today: Day, facts: Facts): DashboardCurrency {
  const aged = toBuckets(bucketEnds, facts.owed.get(currency) ?? new Map());
  const overdue = aged.filter(({ fromDays }) => fromDays !== null);
  const soon = facts.soon.get(currency);
  return {
    currency,
    receivableMinor: sumOf(aged, ({ openMinor }) => openMinor),
    receivableInvoices: sumOf(aged, ({ invoices }) => invoices),
    overdueMinor: sumOf(overdue, ({ openMinor }) => openMinor),
    overdueInvoices: sumOf(overdue, ({ invoices }) => invoices),
    dueSoonMinor: soon?.openMinor ?? 0,
    dueSoonInvoices: soon?.invoices ?? 0,
    receivedMonthMinor: facts.received.get(`${firstOfMonth(today)} ${currency}`) ?? 0,
    receivedMonthBeforeMinor: facts.received.get(`${addMonths(today, -1)} ${currency}`) ?? 0,
    invoicedMonthMinor: facts.invoiced.get(currency) ?? 0,
    creditMinor: facts.credits.get(currency)?.creditMinor ?? 0,
    aged,
    topDebtors: facts.debtors.get(currency) ?? [],
  };
}

function sumOf<item>(items: readonly item[], amountOf: (item: item) => number): number {
  return items.reduce((sum, item) => sum + amountOf(item), 0);
}
