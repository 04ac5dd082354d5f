import type { Ctx } from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import { invoicing } from './contract.ts';
import { yearOf, type Day } from './day.ts';
import { checkIssue, issuedStatus } from './invoice.ts';
import { issueDraftRow } from './invoice-table.ts';
import { findLines } from './line-table.ts';
import { lockDraft } from './lock.ts';
import { instantOf, type InvoicingNeeds } from './needs.ts';
import { factsOf, toDetail, type InvoiceDetail } from './wire.ts';

export interface IssueRequest {
  readonly id: string;
  readonly version?: string | undefined;
  /** Default today. */
  readonly issueDate?: Day | undefined;
}

/**
 * Issues a draft under the next number of the year and says so to the other modules.
 *
 * @throws {Problem} `http.stale_version`, `invoicing.unknown`, `invoicing.not_draft`, `invoicing.not_issuable`.
 *   None of them uses up a number.
 */
export async function issueInvoice(
  needs: InvoicingNeeds,
  ctx: Ctx,
  request: IssueRequest,
): Promise<InvoiceDetail> {
  const { today } = await needs.calendar(ctx);
  return needs.database.write(ctx, (tx) => issueIn(needs, tx, { ...request, today }));
}

/** In a transaction that the caller has opened. */
export async function issueIn(
  needs: InvoicingNeeds,
  tx: Transaction,
  request: IssueRequest & { readonly today: Day },
): Promise<InvoiceDetail> {
  const [draft, lines] = await Promise.all([lockDraft(tx, request), findLines(tx, request.id)]);
  const dates = checkIssue(draft, lines, request);
  const row = await issueDraftRow(tx, {
    id: draft.id,
    series: 'INV',
    year: yearOf(dates.issueDate),
    status: issuedStatus(draft),
    ...dates,
    now: instantOf(needs),
  });
  const { outbox } = needs.messaging;
  const facts = factsOf(row);
  outbox.publish(tx, invoicing.events.invoiceIssued, { ...facts, imported: false, opening: null });
  if (row.status === 'settled') outbox.publish(tx, invoicing.events.invoiceSettled, facts);
  return toDetail(row, { lines });
}
