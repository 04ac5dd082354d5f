import { sql, t, type Reader, type Transaction } from '@plinth/postgres';

import type { Day } from './day.ts';
import type { Kind, Status } from './status.ts';

const knownNumbers = sql(
  { numbers: t.array(t.text) },
  { number: t.text },
  { name: 'invoicing.known_numbers' },
)`
  select number_key as number from invoicing.invoice
  where series = 'imported' and number is not null and number = any(${'numbers'})`;

/** Those of the numbers that an import booked before. */
export async function findKnown(reader: Reader, numbers: readonly string[]): Promise<Set<string>> {
  const rows = await reader.many(knownNumbers, { numbers });
  return new Set(rows.map(({ number }) => number));
}

const knownCustomers = sql(
  { numbers: t.array(t.text) },
  { number: t.text },
  { name: 'invoicing.known_customers' },
)`
  select number from customers_api.customer where number = any(${'numbers'})`;

export async function findCustomerNumbers(
  reader: Reader,
  numbers: readonly string[],
): Promise<Set<string>> {
  const rows = await reader.many(knownCustomers, { numbers });
  return new Set(rows.map(({ number }) => number));
}

const insertMany = sql(
  {
    ids: t.array(t.uuid),
    kinds: t.array(t.enum('invoice', 'credit-note')),
    statuses: t.array(t.enum('draft', 'issued', 'partly-paid', 'settled', 'voided')),
    numbers: t.array(t.text),
    customerIds: t.array(t.uuid),
    customerNames: t.array(t.text),
    currencies: t.array(t.text),
    issueDates: t.array(t.date),
    dueDates: t.array(t.date),
    grosses: t.array(t.int8),
    paids: t.array(t.int8),
    late: t.array(t.bool),
    now: t.instant,
  },
  { id: t.uuid },
  { name: 'invoicing.book_imported' },
)`
  insert into invoicing.invoice
    (id, kind, status, series, number, customer_id, customer_name, currency, issue_date, due_date, net_minor, tax_minor,
     gross_minor, paid_minor, imported, overdue_told, created_at, updated_at, issued_at)
  select b.id, b.kind, b.status, 'imported', b.number, b.customer_id, b.customer_name, b.currency, b.issue_date,
     b.due_date, b.gross, 0, b.gross, b.paid, true, b.late, ${'now'}, ${'now'}, ${'now'}
  from unnest(${'ids'}::uuid[], ${'kinds'}::text[], ${'statuses'}::text[], ${'numbers'}::text[], ${'customerIds'}::uuid[],
     ${'customerNames'}::text[], ${'currencies'}::text[], ${'issueDates'}::date[], ${'dueDates'}::date[],
     ${'grosses'}::bigint[], ${'paids'}::bigint[], ${'late'}::bool[])
     as b (id, kind, status, number, customer_id, customer_name, currency, issue_date, due_date, gross, paid, late)
  on conflict (tenant_id, series, number) where number is not null do nothing
  returning id`;

/** An imported document as it is booked: tax 0 %. */
export interface BookedRow {
  readonly id: string;
  readonly kind: Kind;
  readonly status: Status;
  readonly number: string;
  readonly customerId: string;
  readonly customerName: string;
  readonly currency: string;
  readonly issueDate: Day;
  readonly dueDate: Day;
  readonly grossMinor: bigint;
  readonly paidMinor: bigint;
  /** Past due already when it came: nobody is told. */
  readonly isLate: boolean;
}

/** @returns the ids of those that are new; a number that is there already books nothing. */
export async function bookImported(
  tx: Transaction,
  rows: readonly BookedRow[],
  now: string,
): Promise<Set<string>> {
  const booked = await tx.many(insertMany, {
    ids: rows.map(({ id }) => id),
    kinds: rows.map(({ kind }) => kind),
    statuses: rows.map(({ status }) => status),
    numbers: rows.map(({ number }) => number),
    customerIds: rows.map(({ customerId }) => customerId),
    customerNames: rows.map(({ customerName }) => customerName),
    currencies: rows.map(({ currency }) => currency),
    issueDates: rows.map(({ issueDate }) => issueDate),
    dueDates: rows.map(({ dueDate }) => dueDate),
    grosses: rows.map(({ grossMinor }) => grossMinor),
    paids: rows.map(({ paidMinor }) => paidMinor),
    late: rows.map(({ isLate }) => isLate),
    now,
  });
  return new Set(booked.map(({ id }) => id));
}
