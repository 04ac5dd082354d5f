import { currency, day, id, instant, minor, version } from '@plinth/contract';
import { z } from '@plinth/core/z';

const kind = z.enum(['invoice', 'credit-note']);
/** As stored; *overdue* is derived: open, past its due date, issued or partly paid. */
const status = z.enum(['draft', 'issued', 'partly-paid', 'settled', 'voided']);

const text = (charactersMax: number) => z.string().trim().max(charactersMax);
/** A decimal of at most 12 digits before the point and 6 after it. */
export const quantity = z.string().regex(/^-?\d{1,12}(?:\.\d{1,6})?$/u);
/** Parts per million: 19 % is 190,000. */
const taxPpm = z.int().min(0).max(1_000_000);
const priceMinorMax = 1_000_000_000_000;

export const lineInput = z.object({
  description: text(500).min(1),
  quantity,
  unit: text(20).optional(),
  /** May be negative: a discount. */
  unitPriceMinor: z.int().min(-priceMinorMax).max(priceMinorMax),
  taxPpm,
});

const lineOutput = z.object({
  /** From 1, in the order of the document. */
  position: z.int(),
  description: z.string(),
  quantity: z.string(),
  unit: z.string().nullable(),
  unitPriceMinor: minor,
  taxPpm: z.int(),
  netMinor: minor,
});

const taxOutput = z.object({ taxPpm: z.int(), netMinor: minor, taxMinor: minor });

/** What a draft says; each field may be changed as long as it is one. */
export const draftInput = z.object({
  customerId: id,
  currency: currency.optional(),
  /** Planned; the day of issuing decides. Default today. */
  issueDate: day.optional(),
  /** Default: the customer's terms after the issue date. */
  dueDate: day.optional(),
  reference: text(100).optional(),
  note: text(10_000).optional(),
  internalNote: text(10_000).optional(),
  lines: z.array(lineInput).max(2_000),
});

const amounts = {
  netMinor: minor,
  taxMinor: minor,
  grossMinor: minor,
  paidMinor: minor,
  creditedMinor: minor,
  /** gross − paid − credited, at every commit. Negative: a credit that names no invoice. */
  openMinor: minor,
};

/** A row of the list. A credit note's amounts are negative. */
export const invoiceRow = z.object({
  id,
  version,
  kind,
  /** Null: a draft. */
  number: z.string().nullable(),
  customerId: id,
  customerName: z.string(),
  issueDate: day,
  dueDate: day,
  status,
  currency,
  ...amounts,
  reference: z.string().nullable(),
  updatedAt: instant,
});

export const invoiceDetail = invoiceRow.extend({
  series: z.string().nullable(),
  /** Days from issue to due date. */
  termDays: z.int(),
  note: z.string().nullable(),
  internalNote: z.string().nullable(),
  lines: z.array(lineOutput),
  taxes: z.array(taxOutput),
  /** What was paid on it, oldest first; at most 100. */
  payments: z.array(
    z.object({
      paymentId: id,
      receivedOn: day,
      method: z.string(),
      reference: z.string().nullable(),
      amountMinor: minor,
    }),
  ),
  /** The credit notes of an invoice. */
  creditNotes: z.array(z.object({ id, number: z.string(), issueDate: day, grossMinor: minor })),
  /** Of a credit note: the invoice it corrects, null when it names none. */
  credits: z.object({ id, number: z.string() }).nullable(),
  reason: z.string().nullable(),
  issuedAt: instant.nullable(),
  createdAt: instant,
});

/** What every event of the module says of its document, as it is after the change. */
export const invoiceFacts = z.object({
  invoiceId: id,
  /** Of the row; a reader that has a higher one already leaves the event aside. */
  version: z.int(),
  kind,
  number: z.string().nullable(),
  status,
  customerId: id,
  customerName: z.string(),
  issueDate: day,
  dueDate: day,
  currency,
  ...amounts,
});

/** Rows chosen in a list: named, or all that a filter keeps but some. */
export const selection = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ids'), ids: z.array(id).min(1).max(10_000) }),
  z.object({
    kind: z.literal('predicate'),
    f: z.array(z.string().max(4_000)).max(20),
    except: z.array(id).max(1_000).optional(),
    /** Rows made later are left alone. */
    asOf: instant,
  }),
]);
export const batchStarted = z.object({ jobId: id, matched: z.int() });
