import { rollup } from '@plinth/postgres';

const isOwed = `r.status in ('issued', 'partly-paid') and r.open_minor > 0`;

/**
 * Sums of issued documents, for reports: what was invoiced a day and what a customer bought a month, what is owed by
 * its due date and by customer. The SQL of `0003_rollups.sql` is made of it.
 */
export const documentRollup = rollup({
  name: 'invoicing.document',
  source: 'invoicing.invoice',
  where: `r.status <> 'draft'`,
  columns: { currency: 'text', customer_id: 'uuid', issue_date: 'date', due_date: 'date' },
  sums: {
    net_minor: 'r.net_minor',
    tax_minor: 'r.tax_minor',
    gross_minor: 'r.gross_minor',
    owed_minor: `case when ${isOwed} then r.open_minor else 0 end`,
    credit_minor: 'case when r.open_minor < 0 then -r.open_minor else 0 end',
  },
  counts: {
    invoices: `r.kind = 'invoice'`,
    credit_notes: `r.kind = 'credit-note'`,
    owed_invoices: isOwed,
  },
  api: 'invoicing_api',
  groupings: {
    turnover_by_day: {
      group: ['issue_date', 'currency'],
      keep: ['net_minor', 'tax_minor', 'gross_minor', 'invoices', 'credit_notes'],
    },
    turnover_by_customer: {
      group: ['currency', { column: 'issue_date', grain: 'month', as: 'month' }, 'customer_id'],
      keep: ['net_minor', 'invoices', 'credit_notes'],
    },
    owed_by_due_date: {
      group: ['due_date', 'currency'],
      keep: ['owed_minor', 'owed_invoices', 'credit_minor'],
    },
    owed_by_issue_date: {
      group: ['issue_date', 'currency'],
      keep: ['owed_minor', 'owed_invoices'],
    },
    owed_by_customer: {
      group: ['currency', 'customer_id'],
      keep: ['owed_minor', 'owed_invoices'],
    },
  },
});
