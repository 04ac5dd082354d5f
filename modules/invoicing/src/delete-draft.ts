import type { Ctx } from '@plinth/core';

import { invoicing } from './contract.ts';
import { deleteDraftRow } from './invoice-table.ts';
import { deleteLines } from './line-table.ts';
import { lockDraft } from './lock.ts';
import type { InvoicingNeeds } from './needs.ts';

/** @throws {Problem} `http.stale_version`, `invoicing.unknown`, `invoicing.not_draft`. */
export async function deleteDraft(
  { database, messaging }: Pick<InvoicingNeeds, 'database' | 'messaging'>,
  ctx: Ctx,
  wanted: { readonly id: string; readonly version?: string | undefined },
): Promise<{ id: string }> {
  return database.write(ctx, async (tx) => {
    const { id, customerId, customerName } = await lockDraft(tx, wanted);
    await deleteLines(tx, id);
    await deleteDraftRow(tx, id);
    messaging.outbox.publish(tx, invoicing.events.draftDeleted, {
      invoiceId: id,
      customerId,
      customerName,
    });
    return { id };
  });
}
