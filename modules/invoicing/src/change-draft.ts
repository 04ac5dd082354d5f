import type { Ctx } from '@plinth/core';

import { invoicing } from './contract.ts';
import { changedTerms, draftRow, placeLines, rowsOf, toLine, type DraftChange } from './draft.ts';
import { checkDraft } from './invoice.ts';
import { updateDraft } from './invoice-table.ts';
import { deleteLines, findLines, insertLines } from './line-table.ts';
import { lockDraft, requireCustomer } from './lock.ts';
import { instantOf, type InvoicingNeeds } from './needs.ts';
import { factsOf, toDetail, type InvoiceDetail } from './wire.ts';

/** @throws {Problem} `http.stale_version`, `invoicing.unknown`, `invoicing.not_draft` and those of createDraft. */
export async function changeDraft(
  needs: InvoicingNeeds,
  ctx: Ctx,
  input: DraftChange & { readonly id: string; readonly version?: string | undefined },
): Promise<InvoiceDetail> {
  return needs.database.write(ctx, async (tx) => {
    const before = await lockDraft(tx, input);
    const { id, customerId = before.customerId } = input;
    const customer =
      customerId === before.customerId ? undefined : await requireCustomer(tx, customerId);
    const terms = changedTerms(before, input, customer);
    const lines = input.lines?.map(toLine) ?? (await findLines(tx, id));
    const totals = checkDraft(terms, lines);
    const row = await updateDraft(tx, draftRow(id, terms, totals, instantOf(needs)));
    const placed = placeLines(lines, totals);
    if (input.lines !== undefined) {
      await deleteLines(tx, id);
      await insertLines(tx, rowsOf(id, placed));
    }
    needs.messaging.outbox.publish(tx, invoicing.events.invoiceChanged, factsOf(row));
    return toDetail(row, { lines: placed });
  });
}
