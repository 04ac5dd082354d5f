import {
  currency,
  day,
  defineModule,
  get,
  id,
  instant,
  minor,
  query,
  stream,
} from '@plinth/contract';
import { z } from '@plinth/core/z';

const read = 'reporting.read';

/** When the figures were read: everything that was committed by then is in them. */
const freshness = { asOf: instant };

const bucket = z.object({
  /** Days past due: null and 0 is «not due», 91 and null is «over 90». */
  fromDays: z.int().nullable(),
  toDays: z.int().nullable(),
  openMinor: minor,
  invoices: z.int(),
});

const dashboardCurrency = z.object({
  currency,
  receivableMinor: minor,
  receivableInvoices: z.int(),
  overdueMinor: minor,
  overdueInvoices: z.int(),
  /** Due from today to seven days on. */
  dueSoonMinor: minor,
  dueSoonInvoices: z.int(),
  receivedMonthMinor: minor,
  receivedMonthBeforeMinor: minor,
  invoicedMonthMinor: minor,
  /** Payments that no invoice took, and credit notes that name none. */
  creditMinor: minor,
  aged: z.array(bucket),
  /** By overdue amount, at most 10. */
  topDebtors: z.array(
    z.object({ customerId: id, customerName: z.string(), overdueMinor: minor, openMinor: minor }),
  ),
});

const agedInput = z.object({
  /** Ages are counted against this day; default as for the dashboard. */
  asOf: day.optional(),
  currency: currency.optional(),
  /** Upper ends of the buckets, in days past due, rising; default 30, 60, 90. */
  buckets: z.array(z.int().min(1).max(3_650)).min(1).max(9).optional(),
  by: z.enum(['due', 'issue']).optional(),
  /** Customers shown, by open amount; default 100. */
  limit: z.int().min(1).max(1_000).optional(),
});

const monthRow = z.object({
  month: day,
  currency,
  invoices: z.int(),
  creditNotes: z.int(),
  netMinor: minor,
  taxMinor: minor,
  grossMinor: minor,
  receivedMinor: minor,
});

const taxRateRow = z.object({
  month: day,
  currency,
  /** Parts per million: 19 % is 190,000. */
  taxPpm: z.int(),
  /** That have lines of this rate. */
  documents: z.int(),
  netMinor: minor,
  taxMinor: minor,
});

const revenueRange = {
  /** First days of months; default the last 12 months that have data. */
  from: day.optional(),
  to: day.optional(),
  currency: currency.optional(),
};

const week = {
  /** Open, and due in this week. */
  dueMinor: minor,
  /** Expected without what was due before the present week. */
  lowMinor: minor,
  expectedMinor: minor,
  /** Received in the week 52 weeks before. */
  lastYearMinor: minor,
};

const asFile = { formats: ['ndjson', 'csv'] } as const;

/** Figures over the read views of invoicing and payments. */
export const reporting = defineModule('reporting', {
  operations: {
    getDashboard: query({
      summary: 'What is owed, late, due soon and received, a currency each.',
      input: z.object({
        /** Default: today, or the last day that has data where there is none of the last 12 months. */
        asOf: day.optional(),
      }),
      output: z.object({
        today: day,
        currencies: z.array(dashboardCurrency),
        needsYou: z.object({
          drafts: z.int(),
          /** Not touched for 7 days. */
          oldDrafts: z.int(),
          unallocatedPayments: z.int(),
          overdueInvoices: z.int(),
        }),
        ...freshness,
      }),
      permission: read,
      http: get('/reports/dashboard', { etag: 'body' }),
    }),
    agedReceivables: query({
      summary: 'Open amounts by days past due, customer by customer.',
      input: agedInput,
      output: z.object({
        day,
        buckets: z.array(z.int()),
        currencies: z.array(
          z.object({ currency, openMinor: minor, customers: z.int(), buckets: z.array(bucket) }),
        ),
        /** Of `currency`, or of the one with most customers. */
        currency: currency.nullable(),
        customers: z.array(
          z.object({
            customerId: id,
            customerName: z.string(),
            openMinor: minor,
            /** In the order of the currency's buckets. */
            buckets: z.array(minor),
          }),
        ),
        ...freshness,
      }),
      permission: read,
      http: get('/reports/aged', { etag: 'body' }),
    }),
    revenueByMonth: query({
      summary: 'Invoiced less credited, month by month.',
      input: z.object({
        ...revenueRange,
        /** Also the largest customers of the time, at most 20, or each month's tax rates. */
        by: z.enum(['month', 'customer', 'tax-rate']).optional(),
      }),
      output: z.object({
        from: day.nullable(),
        to: day.nullable(),
        months: z.array(monthRow),
        customers: z.array(
          z.object({ customerId: id, customerName: z.string(), currency, netMinor: minor }),
        ),
        /** In the order of month, currency and rate. */
        taxRates: z.array(taxRateRow),
        ...freshness,
      }),
      permission: read,
      http: get('/reports/revenue', { etag: 'body' }),
    }),
    cashForecast: query({
      summary: 'What of the open invoices comes in, in each of 13 weeks.',
      input: z.object({
        /** Default as for the dashboard. */
        asOf: day.optional(),
      }),
      output: z.object({
        today: day,
        /** Mondays; the first is that of the present week. */
        weeks: z.array(day),
        currencies: z.array(
          z.object({
            currency,
            openMinor: minor,
            /** Of it, due before the present week. */
            overdueMinor: minor,
            /** Of all weeks. */
            lowMinor: minor,
            expectedMinor: minor,
            weeks: z.array(z.object(week)),
          }),
        ),
        /** What the forecast goes by: how the newest payments came. Parts per million. */
        habits: z.object({
          payments: z.int(),
          /** Of the payments: by the end of the week in which they were due, and of the fourth behind it. */
          onTimePpm: z.int(),
          monthLatePpm: z.int(),
          /** Of the invoices of a year, three months after their issue. */
          unpaidPpm: z.int(),
        }),
        ...freshness,
      }),
      permission: read,
      http: get('/reports/forecast', { etag: 'body' }),
    }),
    exportAged: stream({
      summary: 'The aged receivables as rows, one a customer and bucket.',
      input: agedInput,
      item: z.object({
        customerId: id,
        customerName: z.string(),
        currency,
        fromDays: z.int().nullable(),
        toDays: z.int().nullable(),
        openMinor: minor,
      }),
      permission: read,
      http: get('/reports/aged/export', asFile),
    }),
    exportRevenue: stream({
      summary: 'Revenue as rows, one a month and currency.',
      input: z.object(revenueRange),
      item: monthRow,
      permission: read,
      http: get('/reports/revenue/export', asFile),
    }),
    exportTaxRates: stream({
      summary: 'Revenue as rows, one a month, currency and tax rate.',
      input: z.object(revenueRange),
      item: taxRateRow,
      permission: read,
      http: get('/reports/revenue/tax-rates/export', asFile),
    }),
    exportForecast: stream({
      summary: 'The forecast as rows, one a currency and week.',
      input: z.object({ asOf: day.optional() }),
      item: z.object({ currency, week: day, ...week }),
      permission: read,
      http: get('/reports/forecast/export', asFile),
    }),
  },
});
