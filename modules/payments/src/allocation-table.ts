import { sql, t, type Reader, type Transaction } from '@plinth/postgres';

const ofPayment = sql(
  { paymentId: t.uuid },
  {
    invoiceId: t.uuid,
    invoiceNumber: t.text,
    dueDate: t.date,
    amountMinor: t.int8,
    allocatedAt: t.instant,
  },
  { name: 'payments.allocations_of_payment' },
)`
  select a.invoice_id as "invoiceId", coalesce(o.number, i.number) as "invoiceNumber",
         coalesce(o.due_date, i.due_date) as "dueDate",
         a.amount_minor as "amountMinor", a.allocated_at as "allocatedAt"
  from payments.allocation a
  left join payments.open_item o on o.tenant_id = a.tenant_id and o.invoice_id = a.invoice_id
  -- Books that were loaded without events have no open item of what is settled.
  left join invoicing_api.invoice i
    on o.invoice_id is null and i.tenant_id = a.tenant_id and i.id = a.invoice_id
  where a.payment_id = ${'paymentId'} order by 3, a.invoice_id`;

export interface AllocationRow {
  readonly invoiceId: string;
  readonly invoiceNumber: string;
  readonly dueDate: string;
  readonly amountMinor: bigint;
  readonly allocatedAt: string;
}

export function findAllocations(reader: Reader, paymentId: string): Promise<AllocationRow[]> {
  return reader.many(ofPayment, { paymentId });
}

const invoicesOf = sql(
  { paymentId: t.uuid },
  { invoiceId: t.uuid },
  { name: 'payments.invoices_of_payment' },
)`
  select invoice_id as "invoiceId" from payments.allocation where payment_id = ${'paymentId'} order by invoice_id`;

export async function findInvoiceIds(reader: Reader, paymentId: string): Promise<string[]> {
  const rows = await reader.many(invoicesOf, { paymentId });
  return rows.map(({ invoiceId }) => invoiceId);
}

const ofInvoice = sql(
  { invoiceId: t.uuid },
  { paymentId: t.uuid, amountMinor: t.int8 },
  { name: 'payments.allocations_of_invoice' },
)`
  select payment_id as "paymentId", amount_minor as "amountMinor" from payments.allocation
  where invoice_id = ${'invoiceId'} order by allocated_at desc, payment_id desc`;

/** Newest first. */
export function findPaymentsOf(
  reader: Reader,
  invoiceId: string,
): Promise<{ paymentId: string; amountMinor: bigint }[]> {
  return reader.many(ofInvoice, { invoiceId });
}

const add = sql(
  {
    paymentIds: t.array(t.uuid),
    invoiceIds: t.array(t.uuid),
    amounts: t.array(t.int8),
    now: t.instant,
  },
  {},
  { name: 'payments.add_allocations' },
)`
  insert into payments.allocation as a (payment_id, invoice_id, amount_minor, allocated_at)
  select n.payment_id, n.invoice_id, n.amount, ${'now'}
  from unnest(${'paymentIds'}::uuid[], ${'invoiceIds'}::uuid[], ${'amounts'}::bigint[]) as n (payment_id, invoice_id, amount)
  on conflict (tenant_id, payment_id, invoice_id)
  do update set amount_minor = a.amount_minor + excluded.amount_minor, allocated_at = excluded.allocated_at`;

export interface AllocationKey {
  readonly paymentId: string;
  readonly invoiceId: string;
  readonly amountMinor: bigint;
}

/** More of the same payment for the same invoice adds up. */
export async function addAllocations(
  tx: Transaction,
  allocations: readonly AllocationKey[],
  now: string,
): Promise<void> {
  if (allocations.length === 0) return;
  await tx.run(add, { ...keysOf(allocations), now });
}

const take = sql(
  { paymentIds: t.array(t.uuid), invoiceIds: t.array(t.uuid), amounts: t.array(t.int8) },
  {},
  { name: 'payments.reduce_allocations' },
)`
  update payments.allocation a set amount_minor = a.amount_minor - n.amount
  from unnest(${'paymentIds'}::uuid[], ${'invoiceIds'}::uuid[], ${'amounts'}::bigint[]) as n (payment_id, invoice_id, amount)
  where a.payment_id = n.payment_id and a.invoice_id = n.invoice_id and a.amount_minor > n.amount`;
const drop = sql(
  { paymentIds: t.array(t.uuid), invoiceIds: t.array(t.uuid), amounts: t.array(t.int8) },
  {},
  { name: 'payments.drop_allocations' },
)`
  delete from payments.allocation a
  using unnest(${'paymentIds'}::uuid[], ${'invoiceIds'}::uuid[], ${'amounts'}::bigint[]) as n (payment_id, invoice_id, amount)
  where a.payment_id = n.payment_id and a.invoice_id = n.invoice_id and a.amount_minor = n.amount`;

/** One of which nothing is left is removed. */
export async function takeAllocations(
  tx: Transaction,
  allocations: readonly AllocationKey[],
): Promise<void> {
  if (allocations.length === 0) return;
  const keys = keysOf(allocations);
  // Dropped first: what remains after a reduction could equal its amount.
  await tx.run(drop, keys);
  await tx.run(take, keys);
}

function keysOf(allocations: readonly AllocationKey[]) {
  return {
    paymentIds: allocations.map(({ paymentId }) => paymentId),
    invoiceIds: allocations.map(({ invoiceId }) => invoiceId),
    amounts: allocations.map(({ amountMinor }) => amountMinor),
  };
}
