import type { Ctx } from '@plinth/core';

import { invoicing } from './contract.ts';
import { draftRow, newTerms, placeLines, rowsOf, toLine, type DraftInput } from './draft.ts';
import { checkDraft } from './invoice.ts';
import { insertDraft } from './invoice-table.ts';
import { insertLines } from './line-table.ts';
import { requireCustomer } from './lock.ts';
import { instantOf, type InvoicingNeeds } from './needs.ts';
import { conflict } from './problems.ts';
import { factsOf, toDetail, type InvoiceDetail } from './wire.ts';

/**
 * @param input.id made by the client, so that a draft written offline keeps its id.
 * @throws {Problem} `invoicing.unknown_customer`, `invoicing.not_draft` for a taken id, and those of checkDraft.
 */
export async function createDraft(
  needs: InvoicingNeeds,
  ctx: Ctx,
  input: DraftInput & { readonly id?: string | undefined },
): Promise<InvoiceDetail> {
  const { today } = await needs.calendar(ctx);
  return needs.database.write(ctx, async (tx) => {
    const customer = await requireCustomer(tx, input.customerId);
    const terms = newTerms(input, customer, today);
    const lines = input.lines.map(toLine);
    const totals = checkDraft(terms, lines);
    const id = input.id ?? needs.newId();
    const row = await insertDraft(tx, draftRow(id, terms, totals, instantOf(needs)));
    if (row === undefined) {
      throw conflict('invoicing.not_draft', 'There is a document of this id already.');
    }
    const placed = placeLines(lines, totals);
    await insertLines(tx, rowsOf(id, placed));
    needs.messaging.outbox.publish(tx, invoicing.events.invoiceDrafted, factsOf(row));
    return toDetail(row, { lines: placed });
  });
}
