import assert from 'node:assert/strict';

import type { Ctx } from '@plinth/core';
import type { Transaction } from '@plinth/postgres';

import { invoicing } from './contract.ts';
import { creditOf, type Credit, type CreditRequest } from './credit.ts';
import { addDays, yearOf, type Day } from './day.ts';
import type { Issued } from './invoice.ts';
import type { InvoiceRow } from './invoice-row.ts';
import { insertCreditNote, saveCredited } from './invoice-table.ts';
import { findCredited, findLines, insertLines, placeCreditLines } from './line-table.ts';
import { lockIssued } from './lock.ts';
import { instantOf, type InvoicingNeeds } from './needs.ts';
import { conflict, refused } from './problems.ts';
import { parseQuantity } from './totals.ts';
import { factsOf, readDetail, type InvoiceDetail } from './wire.ts';

export interface CreditInput {
  readonly id: string;
  readonly version?: string | undefined;
  readonly reason: string;
  readonly issueDate?: Day | undefined;
  readonly lines?:
    | readonly { readonly position: number; readonly quantity?: string | undefined }[]
    | undefined;
}
export interface Credited {
  readonly invoice: InvoiceDetail;
  readonly creditNote: InvoiceDetail;
  /** Of the invoice. */
  readonly version: string;
}

/**
 * Writes a credit note with a number of its own series and takes it off the invoice. What was paid beyond the
 * rest is given back by module payments, which hears of it.
 *
 * @throws {Problem} `http.stale_version`, `invoicing.unknown`, `invoicing.not_creditable`, `invoicing.credit_exceeds`,
 *   `invoicing.bad_dates`.
 */
export async function creditInvoice(
  needs: InvoicingNeeds,
  ctx: Ctx,
  input: CreditInput,
): Promise<Credited> {
  const { today } = await needs.calendar(ctx);
  return needs.database.write(ctx, async (tx) => {
    const { invoice, row } = await lockIssued(tx, input);
    return credit(needs, tx, { invoice, row, input, today });
  });
}

/** An unpaid invoice, credited in full. @throws {Problem} as creditInvoice. */
export async function voidInvoice(
  needs: InvoicingNeeds,
  ctx: Ctx,
  input: Pick<CreditInput, 'id' | 'version' | 'reason'>,
): Promise<Credited> {
  const { today } = await needs.calendar(ctx);
  return needs.database.write(ctx, async (tx) => {
    const { invoice, row } = await lockIssued(tx, input);
    if (invoice.paidMinor > 0n || invoice.creditedMinor > 0n) {
      throw conflict(
        'invoicing.not_creditable',
        `${invoice.number} is paid or credited in part: take the payments back or credit the rest.`,
      );
    }
    return credit(needs, tx, { invoice, row, input, today });
  });
}

interface Work {
  readonly invoice: Issued;
  readonly row: InvoiceRow;
  readonly input: CreditInput;
  readonly today: Day;
}

async function credit(needs: InvoicingNeeds, tx: Transaction, work: Work): Promise<Credited> {
  const { invoice, input } = work;
  const issueDate = creditDate(work);
  const [lines, credited] = await Promise.all([
    findLines(tx, invoice.id),
    findCredited(tx, invoice.id),
  ]);
  const made = creditOf(invoice, lines, credited, input.lines?.map(toRequest));
  const now = instantOf(needs);
  const { creditedMinor, status } = made.invoice;
  const after = await saveCredited(tx, { id: invoice.id, creditedMinor, status, now });
  const note = await insertCreditNote(tx, noteRow(needs.newId(), work, made, { issueDate, now }));
  await insertLines(tx, placeCreditLines(note.id, made.lines));
  publishCredit(needs, tx, { invoice, after, note });

  const [detail, creditNote] = await Promise.all([readDetail(tx, after), readDetail(tx, note)]);
  return { invoice: detail, creditNote, version: detail.version };
}

function creditDate({ invoice, input, today }: Work): Day {
  const issueDate = input.issueDate ?? (today < invoice.issueDate ? invoice.issueDate : today);
  if (issueDate >= invoice.issueDate && issueDate <= addDays(today, 1)) return issueDate;
  const message = `A credit note's date lies between ${invoice.issueDate} and today.`;
  throw refused('invoicing.bad_dates', message, [
    { pointer: '/issueDate', code: 'out_of_range', message },
  ]);
}

function toRequest({
  position,
  quantity,
}: NonNullable<CreditInput['lines']>[number]): CreditRequest {
  if (quantity === undefined) return { position, quantityMicro: undefined };
  const quantityMicro = parseQuantity(quantity);
  assert(quantityMicro !== undefined, 'the contract admits only decimals');
  return { position, quantityMicro };
}

function noteRow(
  id: string,
  { invoice, input }: Work,
  { totals }: Credit,
  { issueDate, now }: { issueDate: Day; now: string },
) {
  const { customerId, customerName, currency, reference } = invoice;
  const { netMinor, taxMinor, grossMinor } = totals;
  return {
    id,
    creditsId: invoice.id,
    series: 'CN',
    year: yearOf(issueDate),
    customerId,
    customerName,
    currency,
    issueDate,
    netMinor,
    taxMinor,
    grossMinor,
    reference,
    reason: input.reason,
    now,
  };
}

function publishCredit(
  { messaging: { outbox } }: InvoicingNeeds,
  tx: Transaction,
  { invoice, after, note }: { invoice: Issued; after: InvoiceRow; note: InvoiceRow },
): void {
  const { events } = invoicing;
  assert(note.number !== null, 'a credit note is issued as it is made');
  const facts = factsOf(after);
  outbox.publish(tx, events.creditNoteIssued, {
    ...factsOf(note),
    imported: false,
    creditsId: invoice.id,
    creditsNumber: invoice.number,
    reason: note.reason,
  });
  if (after.status === 'voided') {
    const creditNote = { creditNoteId: note.id, creditNoteNumber: note.number };
    outbox.publish(tx, events.invoiceVoided, { ...facts, ...creditNote });
    return;
  }
  outbox.publish(tx, events.invoiceBalanceChanged, facts);
  if (after.status === 'settled' && invoice.status !== 'settled') {
    outbox.publish(tx, events.invoiceSettled, facts);
  }
}
