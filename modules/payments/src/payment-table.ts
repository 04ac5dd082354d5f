import { sql, t, type Migrations, type Reader, type Transaction } from '@plinth/postgres';

import type { PaymentStatus } from './spread.ts';

export const migrations: Migrations = {
  module: 'payments',
  folder: new URL('../migrations/', import.meta.url),
};

export const method = t.enum(
  'transfer',
  'card',
  'direct-debit',
  'cash',
  'cheque',
  'opening',
  'other',
);
export const status = t.enum('open', 'allocated', 'refunded');

const columns = sql.fragment`
  p.id, p.version, p.number, p.customer_id as "customerId", p.customer_name as "customerName",
  p.received_on as "receivedOn", p.method, p.status, p.currency, p.amount_minor as "amountMinor",
  p.allocated_minor as "allocatedMinor", p.refunded_minor as "refundedMinor",
  p.unallocated_minor as "unallocatedMinor", p.reference, p.note, p.created_at as "createdAt",
  p.updated_at as "updatedAt"`;
const row = {
  id: t.uuid,
  version: t.int4,
  number: t.text,
  customerId: t.uuid,
  customerName: t.text,
  receivedOn: t.date,
  method,
  status,
  currency: t.text,
  amountMinor: t.int8,
  allocatedMinor: t.int8,
  refundedMinor: t.int8,
  unallocatedMinor: t.int8,
  reference: t.text,
  note: t.text,
  createdAt: t.instant,
  updatedAt: t.instant,
};

export type Method = 'transfer' | 'card' | 'direct-debit' | 'cash' | 'cheque' | 'opening' | 'other';
export interface PaymentRow {
  readonly id: string;
  readonly version: number;
  readonly number: string;
  readonly customerId: string;
  readonly customerName: string;
  readonly receivedOn: string;
  readonly method: Method;
  readonly status: PaymentStatus;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly allocatedMinor: bigint;
  readonly refundedMinor: bigint;
  readonly unallocatedMinor: bigint;
  readonly reference: string;
  readonly note: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

const byId = sql({ id: t.uuid }, row, { name: 'payments.payment_by_id', hot: true })`
  select ${columns} from payments.payment p where p.id = ${'id'}`;
const lockMany = sql({ ids: t.array(t.uuid) }, row, { name: 'payments.lock_payments' })`
  select ${columns} from payments.payment p where p.id = any(${'ids'}) order by p.id for no key update`;

export function findPayment(reader: Reader, id: string): Promise<PaymentRow | undefined> {
  return reader.maybe(byId, { id });
}

/** In the order of their ids, and after the open items that the transaction locks. */
export function lockPayments(tx: Transaction, ids: readonly string[]): Promise<PaymentRow[]> {
  return tx.many(lockMany, { ids });
}

const insertMany = sql(
  {
    ids: t.array(t.uuid),
    customerIds: t.array(t.uuid),
    customerNames: t.array(t.text),
    receivedOns: t.array(t.date),
    methods: t.array(method),
    statuses: t.array(status),
    currencies: t.array(t.text),
    amounts: t.array(t.int8),
    allocated: t.array(t.int8),
    references: t.array(t.text),
    notes: t.array(t.text),
    count: t.int4,
    now: t.instant,
  },
  row,
  { name: 'payments.insert_payments' },
)`
  with taken as (
    insert into payments.counter as c (last) values (${'count'})
    on conflict (tenant_id) do update set last = c.last + excluded.last
    returning last - ${'count'} as before)
  insert into payments.payment as p
    (id, number, customer_id, customer_name, received_on, method, status, currency, amount_minor, allocated_minor,
     reference, note, created_at, updated_at)
  select n.id, 'PAY-' || repeat('0', 6 - length((taken.before + n.place)::text)) || (taken.before + n.place),
     n.customer_id, n.customer_name, n.received_on, n.method, n.status, n.currency, n.amount, n.allocated, n.reference,
     n.note, ${'now'}, ${'now'}
  from taken, unnest(${'ids'}::uuid[], ${'customerIds'}::uuid[], ${'customerNames'}::text[], ${'receivedOns'}::date[],
     ${'methods'}::text[], ${'statuses'}::text[], ${'currencies'}::text[], ${'amounts'}::bigint[],
     ${'allocated'}::bigint[], ${'references'}::text[], ${'notes'}::text[]) with ordinality
     as n (id, customer_id, customer_name, received_on, method, status, currency, amount, allocated, reference, note, place)
  returning ${columns}`;

export interface NewPayment {
  readonly id: string;
  readonly customerId: string;
  readonly customerName: string;
  readonly receivedOn: string;
  readonly method: Method;
  readonly status: PaymentStatus;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly allocatedMinor: bigint;
  readonly reference: string;
  readonly note: string;
}

/** Takes as many numbers as there are payments. The counter's row is held until the end of the transaction. */
export function insertPayments(
  tx: Transaction,
  payments: readonly NewPayment[],
  now: string,
): Promise<PaymentRow[]> {
  return tx.many(insertMany, {
    ids: payments.map(({ id }) => id),
    customerIds: payments.map(({ customerId }) => customerId),
    customerNames: payments.map(({ customerName }) => customerName),
    receivedOns: payments.map(({ receivedOn }) => receivedOn),
    methods: payments.map((payment) => payment.method),
    statuses: payments.map((payment) => payment.status),
    currencies: payments.map(({ currency }) => currency),
    amounts: payments.map(({ amountMinor }) => amountMinor),
    allocated: payments.map(({ allocatedMinor }) => allocatedMinor),
    references: payments.map(({ reference }) => reference),
    notes: payments.map(({ note }) => note),
    count: payments.length,
    now,
  });
}

const saveMany = sql(
  {
    ids: t.array(t.uuid),
    allocated: t.array(t.int8),
    refunded: t.array(t.int8),
    statuses: t.array(status),
    now: t.instant,
  },
  row,
  { name: 'payments.save_payments' },
)`
  update payments.payment p set
    version = p.version + 1, allocated_minor = n.allocated, refunded_minor = n.refunded, status = n.status,
    updated_at = ${'now'}
  from unnest(${'ids'}::uuid[], ${'allocated'}::bigint[], ${'refunded'}::bigint[], ${'statuses'}::text[])
    as n (id, allocated, refunded, status)
  where p.id = n.id
  returning ${columns}`;

export function savePayments(
  tx: Transaction,
  payments: readonly Pick<PaymentRow, 'id' | 'allocatedMinor' | 'refundedMinor' | 'status'>[],
  now: string,
): Promise<PaymentRow[]> {
  return tx.many(saveMany, {
    ids: payments.map(({ id }) => id),
    allocated: payments.map(({ allocatedMinor }) => allocatedMinor),
    refunded: payments.map(({ refundedMinor }) => refundedMinor),
    statuses: payments.map((payment) => payment.status),
    now,
  });
}

const creditOf = sql(
  { customerId: t.uuid },
  { currency: t.text, unallocatedMinor: t.int8n },
  { name: 'payments.credit_of_customer' },
)`
  select currency, sum(unallocated_minor)::bigint as "unallocatedMinor" from payments.payment
  where customer_id = ${'customerId'} and unallocated_minor > 0 group by currency order by currency`;

export function findCredits(
  reader: Reader,
  customerId: string,
): Promise<{ currency: string; unallocatedMinor: number }[]> {
  return reader.many(creditOf, { customerId });
}

const insertRefundRow = sql(
  {
    id: t.uuid,
    paymentId: t.uuid,
    amountMinor: t.int8,
    refundedOn: t.date,
    reason: t.text,
    now: t.instant,
  },
  {},
  { name: 'payments.insert_refund' },
)`
  insert into payments.refund (id, payment_id, amount_minor, refunded_on, reason, created_at)
  values (${'id'}, ${'paymentId'}, ${'amountMinor'}, ${'refundedOn'}, ${'reason'}, ${'now'})`;

export async function insertRefund(
  tx: Transaction,
  refund: {
    readonly id: string;
    readonly paymentId: string;
    readonly amountMinor: bigint;
    readonly refundedOn: string;
    readonly reason: string;
    readonly now: string;
  },
): Promise<void> {
  await tx.run(insertRefundRow, refund);
}

const refundsOf = sql(
  { paymentId: t.uuid },
  { id: t.uuid, amountMinor: t.int8n, refundedOn: t.date, reason: t.text },
  { name: 'payments.refunds_of_payment' },
)`
  select id, amount_minor as "amountMinor", refunded_on as "refundedOn", reason from payments.refund
  where payment_id = ${'paymentId'} order by id`;

export function findRefunds(
  reader: Reader,
  paymentId: string,
): Promise<{ id: string; amountMinor: number; refundedOn: string; reason: string }[]> {
  return reader.many(refundsOf, { paymentId });
}

const customerById = sql(
  { id: t.uuid },
  { id: t.uuid, name: t.text },
  { name: 'payments.customer_by_id' },
)`
  select id, name from customers_api.customer where id = ${'id'}`;

/** From the read view that module customers declares. */
export function findCustomer(
  reader: Reader,
  id: string,
): Promise<{ id: string; name: string } | undefined> {
  return reader.maybe(customerById, { id });
}
