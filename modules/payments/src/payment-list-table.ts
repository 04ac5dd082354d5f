import { list, sql, t } from '@plinth/postgres';

import { method, status } from './payment-table.ts';

const search = { function: 'payments.search_payment' };

export const paymentList = list({
  name: 'payments.payments',
  from: 'payments.payment p',
  id: 'p.id',
  select: sql.fragment`p.id, p.version, p.number, p.customer_id as "customerId", p.customer_name as "customerName",
    p.received_on as "receivedOn", p.method, p.status, p.currency, p.amount_minor as "amountMinor",
    p.allocated_minor as "allocatedMinor", p.refunded_minor as "refundedMinor",
    p.unallocated_minor as "unallocatedMinor", nullif(p.reference, '') as reference, p.updated_at as "updatedAt"`,
  row: {
    id: t.uuid,
    version: t.int4,
    number: t.text,
    customerId: t.uuid,
    customerName: t.text,
    receivedOn: t.date,
    method,
    status,
    currency: t.text,
    amountMinor: t.int8n,
    allocatedMinor: t.int8n,
    refundedMinor: t.int8n,
    unallocatedMinor: t.int8n,
    reference: t.nullable(t.text),
    updatedAt: t.instant,
  },
  fields: {
    number: {
      sql: 'p.number',
      type: 'text',
      filter: true,
      sort: { index: 'payment_number_order' },
      search,
    },
    customerName: {
      sql: 'p.customer_key',
      type: 'text',
      fold: true,
      filter: true,
      sort: { index: 'payment_customer_key' },
      search,
    },
    customerId: { sql: 'p.customer_id', type: 'ref', filter: true },
    receivedOn: {
      sql: 'p.received_on',
      type: 'date',
      filter: true,
      sort: { index: 'payment_received' },
    },
    method: {
      sql: 'p.method',
      type: 'enum',
      values: ['transfer', 'card', 'direct-debit', 'cash', 'cheque', 'opening', 'other'],
      filter: true,
    },
    status: {
      sql: 'p.status',
      type: 'enum',
      values: ['open', 'allocated', 'refunded'],
      filter: true,
    },
    currency: { sql: 'p.currency', type: 'enum', filter: true },
    amountMinor: {
      sql: 'p.amount_minor',
      type: 'money',
      filter: true,
      sort: { index: 'payment_amount' },
      sum: 'p.currency',
    },
    unallocatedMinor: {
      sql: 'p.unallocated_minor',
      type: 'money',
      filter: true,
      sort: { index: 'payment_unallocated' },
      sum: 'p.currency',
    },
    reference: { sql: 'p.reference', type: 'text', filter: true },
    updatedAt: { sql: 'p.updated_at', type: 'instant', filter: true },
  },
  defaultSort: '-receivedOn',
  q: search,
});
