import { currency, day, id, instant, minor, version } from '@plinth/contract';
import { z } from '@plinth/core/z';

/** `open`: some of it is not allocated; `allocated`: none is left; `refunded`: all of it went back. */
const status = z.enum(['open', 'allocated', 'refunded']);
export const method = z.enum([
  'transfer',
  'card',
  'direct-debit',
  'cash',
  'cheque',
  'opening',
  'other',
]);
const amounts = {
  amountMinor: minor,
  allocatedMinor: minor,
  refundedMinor: minor,
  /** amount − allocated − refunded, at every commit: the customer's credit. */
  unallocatedMinor: minor,
};
export const positive = z.int().min(1);

export const paymentRow = z.object({
  id,
  version,
  /** `PAY-000123`, in the order of recording; gaps are allowed. */
  number: z.string(),
  customerId: id,
  customerName: z.string(),
  receivedOn: day,
  method,
  status,
  currency,
  ...amounts,
  reference: z.string().nullable(),
  updatedAt: instant,
});
const allocation = z.object({
  invoiceId: id,
  invoiceNumber: z.string(),
  dueDate: day,
  amountMinor: minor,
  allocatedAt: instant,
});
const refund = z.object({
  id,
  amountMinor: minor,
  refundedOn: day,
  reason: z.string(),
});
export const paymentDetail = paymentRow.extend({
  note: z.string().nullable(),
  allocations: z.array(allocation),
  refunds: z.array(refund),
  createdAt: instant,
});

/** How a payment is spread: typed amounts, or the oldest open invoices of its customer first. */
export const spread = z.discriminatedUnion('by', [
  z.object({
    by: z.literal('amounts'),
    items: z
      .array(z.object({ invoiceId: id, amountMinor: positive }))
      .min(1)
      .max(200),
  }),
  z.object({
    by: z.literal('oldest-first'),
    /** Only these; absent: all that are open. */
    invoiceIds: z.array(id).min(1).max(200).optional(),
  }),
]);

export const openItem = z.object({
  invoiceId: id,
  number: z.string(),
  customerId: id,
  issueDate: day,
  dueDate: day,
  currency,
  grossMinor: minor,
  openMinor: minor,
});

export const paymentFacts = z.object({
  paymentId: id,
  /** Of the payment's row; a reader that has a higher one already leaves the event aside. */
  version: z.int(),
  number: z.string(),
  customerId: id,
  customerName: z.string(),
  receivedOn: day,
  method,
  currency,
  ...amounts,
});
export const allocationFacts = z.object({
  invoiceId: id,
  invoiceNumber: z.string(),
  paymentId: id,
  paymentNumber: z.string(),
  customerId: id,
  currency,
  amountMinor: minor,
  /** All that is allocated to the invoice after this. */
  paidMinor: minor,
  /** Counts the changes of the invoice's allocations: of two events, the higher one is the truth. */
  sequence: z.int(),
  receivedOn: day,
  reason: z.enum(['asked', 'released']),
});
