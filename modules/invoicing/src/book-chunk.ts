import assert from 'node:assert/strict';

import type { JobContext } from '@plinth/jobs';
import type { Transaction } from '@plinth/postgres';

import { bookImported, findCustomerNumbers, findKnown, type BookedRow } from './book-table.ts';
import { invoicing } from './contract.ts';
import { yearOf, type Day } from './day.ts';
import type { ImportedDocument, ImportSettings, LineFault, SourceRow } from './import-document.ts';
import type { Chunk } from './import-file.ts';
import {
  advanceImport,
  insertImportErrors,
  insertImportRejects,
  type ImportCounts,
} from './import-table.ts';
import { insertLines } from './line-table.ts';
import { instantOf, type InvoicingNeeds } from './needs.ts';
import { countImported } from './series-table.ts';
import { statusOf } from './status.ts';

/** An import that is running. */
export interface Run {
  readonly id: string;
  readonly settings: ImportSettings;
  readonly today: Day;
  /** Number → customer; grows with the chunks. */
  readonly customers: Map<string, { readonly id: string; readonly name: string }>;
}

interface Sorted {
  readonly good: readonly ImportedDocument[];
  readonly faults: readonly LineFault[];
  readonly rejects: readonly SourceRow[];
}

function sort({ documents }: Chunk): Sorted {
  const good: ImportedDocument[] = [];
  const faults: LineFault[] = [];
  const rejects: SourceRow[] = [];
  for (const each of documents) {
    if ('document' in each) {
      good.push(each.document);
    } else {
      faults.push(...each.faults);
      rejects.push(...each.rows);
    }
  }
  return { good, faults, rejects };
}

/** Books a chunk: its documents, its errors and its counts in one transaction. */
export async function bookChunk(
  needs: InvoicingNeeds,
  x: JobContext,
  run: Run,
  chunk: Chunk,
): Promise<void> {
  const sorted = sort(chunk);
  const newCustomers = await ensureCustomers(needs, x, run, sorted.good);
  await x.tx(async (tx) => {
    const booked = await book(needs, tx, run, sorted.good);
    await saveStep(tx, run.id, chunk, sorted, {
      documents: booked.length,
      creditNotes: booked.filter(({ kind }) => kind === 'credit-note').length,
      known: sorted.good.length - booked.length,
      newCustomers,
    });
  });
}

/** Counts what a chunk would book, and keeps its errors. */
export async function checkChunk(x: JobContext, run: Run, chunk: Chunk): Promise<void> {
  const sorted = sort(chunk);
  const customers = new Set(sorted.good.map(({ customer }) => customer.number));
  const fresh = [...customers].filter((number) => !run.customers.has(number));
  await x.tx(async (tx) => {
    const numbers = sorted.good.map(({ number }) => number);
    const [known, there] = await Promise.all([
      findKnown(tx, numbers),
      findCustomerNumbers(tx, fresh),
    ]);
    const books = sorted.good.filter(({ number }) => !known.has(number));
    await saveStep(tx, run.id, chunk, sorted, {
      documents: books.length,
      creditNotes: books.filter(({ kind }) => kind === 'credit-note').length,
      known: known.size,
      newCustomers: fresh.length - there.size,
    });
  });
  for (const number of fresh) run.customers.set(number, { id: '', name: '' });
}

type Booked = Pick<ImportCounts, 'documents' | 'creditNotes' | 'known' | 'newCustomers'>;

async function saveStep(
  tx: Transaction,
  id: string,
  { rowCount, lastLine }: Chunk,
  ...[{ faults, rejects }, booked]: [Sorted, Booked]
): Promise<void> {
  await insertImportErrors(tx, id, faults);
  await insertImportRejects(tx, id, rejects);
  const rows = { rows: rowCount, badRows: rejects.length };
  await advanceImport(tx, { id, ...rows, ...booked, doneLine: lastLine });
}

/** @returns how many were made. */
async function ensureCustomers(
  { customers }: InvoicingNeeds,
  { ctx }: JobContext,
  run: Run,
  documents: readonly ImportedDocument[],
): Promise<number> {
  const items = new Map<string, Parameters<typeof customers.ensureCustomers>[1]['items'][number]>();
  for (const { customer, currency } of documents) {
    if (run.customers.has(customer.number)) continue;
    items.set(customer.number, { ...customer, currency, termDays: run.settings.termDays });
  }
  if (items.size === 0) return 0;
  const answer = await customers.ensureCustomers(ctx, { items: [...items.values()] });
  for (const { number, id, name } of answer.items) run.customers.set(number, { id, name });
  return answer.items.filter(({ created }) => created).length;
}

async function book(
  needs: InvoicingNeeds,
  tx: Transaction,
  run: Run,
  documents: readonly ImportedDocument[],
): Promise<BookedRow[]> {
  const rows = documents.map((document) => toRow(needs.newId(), run, document));
  const newIds = await bookImported(tx, rows, instantOf(needs));
  const booked = rows.filter(({ id }) => newIds.has(id));
  await insertLines(
    tx,
    rows.flatMap(({ id }, index) =>
      newIds.has(id)
        ? (documents[index]?.lines ?? []).map((line) => ({ ...line, invoiceId: id }))
        : [],
    ),
  );
  await countImported(tx, countYears(booked));
  for (const row of booked) publishBooked(needs, tx, row);
  return booked;
}

function toRow(
  id: string,
  { settings, today, customers }: Run,
  document: ImportedDocument,
): BookedRow {
  const { kind, number, currency, issueDate, dueDate, grossMinor } = document;
  const customer = customers.get(document.customer.number);
  assert(customer !== undefined, 'every customer of the chunk was found or made');
  const { settledBefore } = settings;
  const isSettled = kind === 'invoice' && settledBefore !== null && issueDate < settledBefore;
  const paidMinor = isSettled ? grossMinor : 0n;
  return {
    id,
    kind,
    status: statusOf({ kind, grossMinor, paidMinor, creditedMinor: 0n }),
    number,
    customerId: customer.id,
    customerName: customer.name,
    currency,
    issueDate,
    dueDate,
    grossMinor,
    paidMinor,
    isLate: dueDate < today,
  };
}

function countYears(rows: readonly BookedRow[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { issueDate } of rows) {
    const year = yearOf(issueDate);
    counts.set(year, (counts.get(year) ?? 0) + 1);
  }
  return counts;
}

function publishBooked(
  { messaging: { outbox } }: InvoicingNeeds,
  tx: Transaction,
  row: BookedRow,
): void {
  const { events } = invoicing;
  const grossMinor = Number(row.grossMinor);
  const paidMinor = Number(row.paidMinor);
  const facts = {
    invoiceId: row.id,
    version: 1,
    kind: row.kind,
    number: row.number,
    status: row.status,
    customerId: row.customerId,
    customerName: row.customerName,
    issueDate: row.issueDate,
    dueDate: row.dueDate,
    currency: row.currency,
    netMinor: grossMinor,
    taxMinor: 0,
    grossMinor,
    paidMinor,
    creditedMinor: 0,
    openMinor: grossMinor - paidMinor,
    imported: true,
  };
  if (row.kind === 'credit-note') {
    const named = { creditsId: null, creditsNumber: null, reason: null };
    outbox.publish(tx, events.creditNoteIssued, { ...facts, ...named });
    return;
  }
  const opening = paidMinor === 0 ? null : { paidOn: row.dueDate, amountMinor: paidMinor };
  outbox.publish(tx, events.invoiceIssued, { ...facts, opening });
}
