import type { Ctx } from '@plinth/core';

import { createDraft } from './create-draft.ts';
import { getInvoice } from './get-invoice.ts';
import type { InvoicingNeeds } from './needs.ts';
import type { InvoiceDetail } from './wire.ts';

/**
 * A draft of today with the lines and texts of any document; what a credit note took off, it puts on again.
 *
 * @throws {Problem} `invoicing.unknown` and those of createDraft.
 */
export async function duplicateInvoice(
  needs: InvoicingNeeds,
  ctx: Ctx,
  id: string,
): Promise<InvoiceDetail> {
  const source = await getInvoice(needs, ctx, id);
  return createDraft(needs, ctx, {
    customerId: source.customerId,
    currency: source.currency,
    reference: source.reference ?? undefined,
    note: source.note ?? undefined,
    internalNote: source.internalNote ?? undefined,
    lines: source.lines.map((line) => ({
      description: line.description,
      quantity: source.kind === 'credit-note' ? negate(line.quantity) : line.quantity,
      unit: line.unit ?? undefined,
      unitPriceMinor: line.unitPriceMinor,
      taxPpm: line.taxPpm,
    })),
  });
}

function negate(quantity: string): string {
  return quantity.startsWith('-') ? quantity.slice(1) : `-${quantity}`;
}
