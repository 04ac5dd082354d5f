import type { Ctx } from '@plinth/core';

import { findInvoice } from './invoice-table.ts';
import type { InvoicingNeeds } from './needs.ts';
import { unknownInvoice } from './problems.ts';
import { readDetail, type InvoiceDetail } from './wire.ts';

/** @throws {Problem} `invoicing.unknown` */
export async function getInvoice(
  { database }: Pick<InvoicingNeeds, 'database'>,
  ctx: Ctx,
  id: string,
): Promise<InvoiceDetail> {
  return database.read(ctx, async (reader) => {
    const row = await findInvoice(reader, id);
    if (row === undefined) throw unknownInvoice(id);
    return readDetail(reader, row);
  });
}
