import {
  command,
  currency,
  day,
  defineModule,
  event,
  get,
  id,
  listInput,
  minor,
  pageOf,
  post,
  query,
  rowsInput,
  rowsOf,
  stream,
  summaryInput,
  summaryOutput,
  version,
} from '@plinth/contract';
import { z } from '@plinth/core/z';

import {
  allocationFacts,
  method,
  openItem,
  paymentDetail,
  paymentFacts,
  paymentRow,
  positive,
  spread,
} from './shapes.ts';

const read = 'payments.read';
const write = 'payments.write';

const row = { id, version: version.optional() };
const binds = { ifMatch: 'required', idempotency: 'required', etag: 'row' } as const;
const unknown = { 'payments.unknown': 'notFound' } as const;
const badSpread = {
  'payments.unknown_invoice': 'unprocessable',
  'payments.other_currency': 'unprocessable',
  'payments.other_customer': 'unprocessable',
  'payments.exceeds_open': 'unprocessable',
  'payments.exceeds_payment': 'unprocessable',
} as const;

/** Money received, and which invoices it pays: never more than is open, nor than was received. */
export const payments = defineModule('payments', {
  operations: {
    listPayments: query({
      summary: 'A window of the list of payments.',
      input: listInput,
      output: pageOf(paymentRow),
      permission: read,
      http: get('/payments', { list: true }),
    }),
    summarizePayments: query({
      summary: 'Totals of a filter, a currency each.',
      input: summaryInput,
      output: summaryOutput,
      permission: read,
      http: get('/payments/summary'),
    }),
    rowsOfPayments: query({
      summary: 'Rows by their ids, and the ids that the filter no longer keeps.',
      input: rowsInput,
      output: rowsOf(paymentRow),
      permission: read,
      http: get('/payments/rows'),
    }),
    exportPayments: stream({
      summary: 'All rows that a filter keeps, in its order.',
      input: summaryInput,
      item: paymentRow,
      permission: 'exports.all',
      http: get('/payments/export', { formats: ['ndjson', 'csv'] }),
    }),
    listOpenItems: query({
      summary: 'What a customer owes, oldest due date first.',
      input: z.object({ customerId: id, currency: currency.optional() }),
      output: z.object({
        items: z.array(openItem),
        /** Past the first 500. */
        more: z.boolean(),
        /** What the customer paid and is not allocated. */
        credits: z.array(z.object({ currency, unallocatedMinor: minor })),
      }),
      permission: read,
      http: get('/payments/open-items'),
    }),
    getPayment: query({
      summary: 'One payment with its allocations and refunds.',
      input: z.object({ id }),
      output: paymentDetail,
      permission: read,
      deadline: 2_000,
      errors: unknown,
      http: get('/payments/:id', { etag: 'row' }),
    }),
    recordPayment: command({
      summary: 'Books money received; what no invoice takes stays as credit.',
      input: z.object({
        customerId: id,
        receivedOn: day,
        currency,
        amountMinor: positive.max(1_000_000_000_000_000),
        method: method.exclude(['opening']),
        reference: z.string().trim().max(140).optional(),
        note: z.string().trim().max(2_000).optional(),
        allocate: spread.optional(),
      }),
      output: paymentDetail,
      permission: write,
      errors: {
        'payments.unknown_customer': 'unprocessable',
        'payments.bad_currency': 'unprocessable',
        'payments.bad_date': 'unprocessable',
        ...badSpread,
      },
      http: post('/payments', { status: 201, idempotency: 'required', etag: 'row' }),
    }),
    allocatePayment: command({
      summary: 'Spreads what is left of a payment over invoices.',
      input: z.object({ ...row, allocate: spread }),
      output: paymentDetail,
      permission: write,
      errors: { ...unknown, ...badSpread },
      http: post('/payments/:id/allocate', binds),
    }),
    unallocatePayment: command({
      summary: 'Takes a payment back from invoices; it becomes credit again.',
      input: z.object({
        ...row,
        /** Absent: from all. */
        invoiceIds: z.array(id).min(1).max(200).optional(),
      }),
      output: paymentDetail,
      permission: write,
      errors: { ...unknown, 'payments.not_allocated': 'unprocessable' },
      http: post('/payments/:id/unallocate', binds),
    }),
    refundPayment: command({
      summary: 'Books that credit went back to the customer.',
      input: z.object({
        ...row,
        amountMinor: positive,
        refundedOn: day,
        reason: z.string().trim().min(1).max(500),
      }),
      output: paymentDetail,
      permission: write,
      errors: {
        ...unknown,
        'payments.exceeds_payment': 'unprocessable',
        'payments.bad_date': 'unprocessable',
      },
      http: post('/payments/:id/refund', binds),
    }),
  },
  // The publisher has locked the row that the key names: the payment, or the invoice's open item.
  events: {
    paymentReceived: event({ schema: paymentFacts, key: 'paymentId', order: 'held' }),
    paymentRefunded: event({
      schema: paymentFacts.extend({ refundMinor: minor, refundedOn: day, reason: z.string() }),
      key: 'paymentId',
      order: 'held',
    }),
    paymentAllocated: event({ schema: allocationFacts, key: 'invoiceId', order: 'held' }),
    paymentUnallocated: event({ schema: allocationFacts, key: 'invoiceId', order: 'held' }),
    /** The payment's own amounts after its allocations changed: what is credit now. */
    paymentBalanceChanged: event({ schema: paymentFacts, key: 'paymentId', order: 'held' }),
  },
  views: {
    'payments_api.payment': [
      'tenant_id',
      'id',
      'version',
      'number',
      'customer_id',
      'customer_name',
      'received_on',
      'method',
      'currency',
      'amount_minor',
      'allocated_minor',
      'refunded_minor',
      'unallocated_minor',
    ],
    'payments_api.allocation': [
      'tenant_id',
      'payment_id',
      'invoice_id',
      'amount_minor',
      'received_on',
      'method',
      'reference',
      'allocated_at',
    ],
    'payments_api.refund': [
      'tenant_id',
      'id',
      'payment_id',
      'number',
      'customer_id',
      'currency',
      'amount_minor',
      'refunded_on',
      'reason',
    ],
  },
});
