import type { Ctx } from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import { invoicing } from './contract.ts';
import { deleteDraftRow } from './invoice-table.ts';
import { deleteLines } from './line-table.ts';
import { lockDraft } from './lock.ts';
import type { InvoicingNeeds } from './needs.ts';

interface Wanted {
  readonly id: string;
  readonly version?: string | undefined;
}
type Needs = Pick<InvoicingNeeds, 'database' | 'messaging'>;

/** @throws {Problem} `http.stale_version`, `invoicing.unknown`, `invoicing.not_draft`. */
export async function deleteDraft(needs: Needs, ctx: Ctx, wanted: Wanted): Promise<{ id: string }> {
  return needs.database.write(ctx, (tx) => deleteIn(needs, tx, wanted));
}

/** In a transaction that the caller has opened. */
export async function deleteIn(
  { messaging }: Needs,
  tx: Transaction,
  wanted: Wanted,
): Promise<{ id: string }> {
  const { id, customerId, customerName } = await lockDraft(tx, wanted);
  await deleteLines(tx, id);
  await deleteDraftRow(tx, id);
  const body = { invoiceId: id, customerId, customerName };
  messaging.outbox.publish(tx, invoicing.events.draftDeleted, body);
  return { id };
}
