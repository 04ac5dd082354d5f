import { day, event, id, minor } from '@plinth/contract';
import { z } from '@plinth/core/z';

import { invoiceFacts } from './shapes.ts';

// The publisher has locked the row that the key names, so its commit order is the events' order.
const order = 'held';
const key = 'invoiceId';
const facts = event({ schema: invoiceFacts, key, order });

/** What the module tells the others. Each carries the amounts and the row's version after the change. */
export const invoicingEvents = {
  invoiceDrafted: facts,
  invoiceChanged: facts,
  draftDeleted: event({
    schema: z.object({ invoiceId: id, customerId: id, customerName: z.string() }),
    key,
    order,
  }),
  invoiceIssued: event({
    schema: invoiceFacts.extend({
      /** From another system, with the number it had there. */
      imported: z.boolean(),
      /** Paid before it came here: one opening payment settles it. */
      opening: z.object({ paidOn: day, amountMinor: minor }).nullable(),
    }),
    key,
    order,
  }),
  /** The document is the credit note, its amounts are negative. */
  creditNoteIssued: event({
    schema: invoiceFacts.extend({
      imported: z.boolean(),
      creditsId: id.nullable(),
      creditsNumber: z.string().nullable(),
      reason: z.string().nullable(),
    }),
    key,
    order,
  }),
  invoiceVoided: event({
    schema: invoiceFacts.extend({ creditNoteId: id, creditNoteNumber: z.string() }),
    key,
    order,
  }),
  /** Payments or credit notes changed what is open; also sent beside `invoiceSettled`. */
  invoiceBalanceChanged: facts,
  invoiceSettled: facts,
  /** Once for each invoice, on the first day after its due date that finds it open. */
  invoiceOverdue: event({ schema: invoiceFacts.extend({ daysLate: z.int() }), key, order }),
  importFinished: event({
    schema: z.object({
      importId: id,
      fileName: z.string(),
      documents: z.int(),
      creditNotes: z.int(),
      known: z.int(),
      badRows: z.int(),
    }),
    key: 'importId',
    order,
  }),
};
