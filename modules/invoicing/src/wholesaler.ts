import type { ImportSettings } from './import-document.ts';

const fixture = (name: string) => new URL(`../fixtures/${name}`, import.meta.url);

const common = {
  currency: 'GBP',
  country: 'GB',
  termDays: 30,
} as const;

/**
 * A real company's history, for the demo and the tests: fixtures/README.md names its source and licence. All but
 * the invoices of the last 60 days before 2011-12-09 are settled by an opening payment.
 */
export const wholesaler: {
  readonly invoices: { readonly file: URL; readonly settings: ImportSettings };
  readonly lines: { readonly file: URL; readonly settings: ImportSettings };
} = {
  invoices: {
    file: fixture('online-retail-invoices.csv'),
    settings: {
      ...common,
      mapping: 'invoice-rows',
      dateOrder: 'iso',
      settledBefore: '2011-10-10',
    },
  },
  lines: {
    file: fixture('online-retail-lines.csv'),
    settings: { ...common, mapping: 'line-rows', dateOrder: 'mdy', settledBefore: null },
  },
};
