import { rollup } from '@plinth/postgres';

/**
 * Sums of issued documents by tax rate, for reports. As a document has it: the tax of a rate is computed once, over
 * the sum of its lines, and a half goes away from zero. The SQL of `0010_tax_rollup.sql` is made of it.
 */
export const taxRollup = rollup({
  name: 'invoicing.tax',
  source: 'invoicing.invoice',
  where: `r.status <> 'draft'`,
  parts: {
    table: 'invoicing.line',
    key: { invoice_id: 'id' },
    columns: ['tax_ppm'],
    sums: ['net_minor'],
  },
  columns: { currency: 'text', issue_date: 'date', tax_ppm: 'int' },
  sums: {
    net_minor: 'p.net_minor',
    // A product is exact in numeric, a quotient is not.
    tax_minor: 'round(p.net_minor * p.tax_ppm * 0.000001)::bigint',
  },
  counts: { documents: 'true' },
  api: 'invoicing_api',
  groupings: {
    turnover_by_tax_rate: {
      group: ['issue_date', 'currency', 'tax_ppm'],
      keep: ['net_minor', 'tax_minor', 'documents'],
    },
  },
});
