import { rollup } from '@plinth/postgres';

/**
 * Sums of payments a day, for reports: what was received and kept, and what no invoice took. The SQL of
 * `0002_rollups.sql` is made of it.
 */
export const receiptRollup = rollup({
  name: 'payments.receipt',
  source: 'payments.payment',
  columns: { currency: 'text', received_on: 'date' },
  sums: {
    received_minor: 'r.amount_minor - r.refunded_minor',
    unallocated_minor: 'r.unallocated_minor',
  },
  counts: { payments: 'true', open_payments: 'r.unallocated_minor > 0' },
  api: 'payments_api',
  groupings: {
    received_by_day: {
      group: ['received_on', 'currency'],
      keep: ['received_minor', 'unallocated_minor', 'payments', 'open_payments'],
    },
  },
});
