import { sql, t, type Reader, type Transaction } from '@plinth/postgres';

import type { OpenItem } from './spread.ts';

const columns = sql.fragment`
  o.invoice_id as "invoiceId", o.number, o.customer_id as "customerId", o.customer_name as "customerName", o.currency,
  o.issue_date as "issueDate", o.due_date as "dueDate", o.gross_minor as "grossMinor",
  o.credited_minor as "creditedMinor", o.allocated_minor as "allocatedMinor", o.open_minor as "openMinor", o.version,
  o.sequence`;
const row = {
  invoiceId: t.uuid,
  number: t.text,
  customerId: t.uuid,
  customerName: t.text,
  currency: t.text,
  issueDate: t.date,
  dueDate: t.date,
  grossMinor: t.int8,
  creditedMinor: t.int8,
  allocatedMinor: t.int8,
  openMinor: t.int8,
  version: t.int4,
  sequence: t.int4,
};

export interface ItemRow extends OpenItem {
  readonly customerName: string;
  readonly grossMinor: bigint;
  readonly creditedMinor: bigint;
  readonly allocatedMinor: bigint;
  readonly version: number;
  readonly sequence: number;
}

const heal = sql({ ids: t.array(t.uuid) }, {}, { name: 'payments.make_open_items' })`
  insert into payments.open_item
    (invoice_id, number, customer_id, customer_name, currency, issue_date, due_date, gross_minor, credited_minor,
     allocated_minor, version, sequence)
  select i.id, i.number, i.customer_id, i.customer_name, i.currency, i.issue_date, i.due_date, i.gross_minor,
     i.credited_minor, i.paid_minor, i.version, i.payment_sequence
  from invoicing_api.invoice i
  where i.id = any(${'ids'}) and i.kind = 'invoice' and i.status <> 'draft'
    and not exists (select from payments.open_item o where o.invoice_id = i.id)
    and i.paid_minor = (select coalesce(sum(a.amount_minor), 0) from payments.allocation a where a.invoice_id = i.id)
  on conflict (tenant_id, invoice_id) do nothing`;
const lockMany = sql({ ids: t.array(t.uuid) }, row, { name: 'payments.lock_open_items' })`
  select ${columns} from payments.open_item o where o.invoice_id = any(${'ids'}) order by o.invoice_id for no key update`;

/**
 * Holds the rows until the end of the transaction, in the order of their ids, and before any payment's: so
 * allocations to one invoice queue, and cannot take more than is open.
 *
 * An invoice that was issued a moment ago, or loaded without events, has no row yet: it is made of invoicing's
 * read view.
 */
export async function lockItems(
  tx: Transaction,
  ids: readonly string[],
): Promise<Map<string, ItemRow>> {
  const [, rows] = await Promise.all([tx.run(heal, { ids }), tx.many(lockMany, { ids })]);
  return new Map(rows.map((item) => [item.invoiceId, item]));
}

const upsertMany = sql(
  {
    ids: t.array(t.uuid),
    numbers: t.array(t.text),
    customerIds: t.array(t.uuid),
    customerNames: t.array(t.text),
    currencies: t.array(t.text),
    issueDates: t.array(t.date),
    dueDates: t.array(t.date),
    grosses: t.array(t.int8),
    allocated: t.array(t.int8),
    versions: t.array(t.int4),
  },
  { invoiceId: t.uuid },
  { name: 'payments.insert_open_items' },
)`
  insert into payments.open_item
    (invoice_id, number, customer_id, customer_name, currency, issue_date, due_date, gross_minor, credited_minor,
     allocated_minor, sequence, version)
  select n.id, n.number, n.customer_id, n.customer_name, n.currency, n.issue_date, n.due_date, n.gross, 0, n.allocated,
     0, n.version
  from unnest(${'ids'}::uuid[], ${'numbers'}::text[], ${'customerIds'}::uuid[], ${'customerNames'}::text[],
     ${'currencies'}::text[], ${'issueDates'}::date[], ${'dueDates'}::date[], ${'grosses'}::bigint[],
     ${'allocated'}::bigint[], ${'versions'}::int[])
     as n (id, number, customer_id, customer_name, currency, issue_date, due_date, gross, allocated, version)
  on conflict (tenant_id, invoice_id) do nothing
  returning invoice_id as "invoiceId"`;

export type NewItem = Omit<ItemRow, 'openMinor' | 'sequence' | 'creditedMinor'>;

/** @returns the ids of those that are new. */
export async function insertItems(
  tx: Transaction,
  items: readonly NewItem[],
): Promise<Set<string>> {
  const rows = await tx.many(upsertMany, {
    ids: items.map(({ invoiceId }) => invoiceId),
    numbers: items.map(({ number }) => number),
    customerIds: items.map(({ customerId }) => customerId),
    customerNames: items.map(({ customerName }) => customerName),
    currencies: items.map(({ currency }) => currency),
    issueDates: items.map(({ issueDate }) => issueDate),
    dueDates: items.map(({ dueDate }) => dueDate),
    grosses: items.map(({ grossMinor }) => grossMinor),
    allocated: items.map(({ allocatedMinor }) => allocatedMinor),
    versions: items.map(({ version }) => version),
  });
  return new Set(rows.map(({ invoiceId }) => invoiceId));
}

const allocateMany = sql({ ids: t.array(t.uuid), deltas: t.array(t.int8) }, row, {
  name: 'payments.allocate_to_items',
})`
  update payments.open_item o set allocated_minor = o.allocated_minor + n.delta, sequence = o.sequence + 1
  from unnest(${'ids'}::uuid[], ${'deltas'}::bigint[]) as n (id, delta)
  where o.invoice_id = n.id
  returning ${columns}`;

/** Positive: more is allocated. The items are locked by this transaction. */
export async function changeAllocated(
  tx: Transaction,
  changes: readonly { readonly invoiceId: string; readonly amountMinor: bigint }[],
): Promise<Map<string, ItemRow>> {
  if (changes.length === 0) return new Map();
  const rows = await tx.many(allocateMany, {
    ids: changes.map(({ invoiceId }) => invoiceId),
    deltas: changes.map(({ amountMinor }) => amountMinor),
  });
  return new Map(rows.map((item) => [item.invoiceId, item]));
}

const creditMany = sql(
  { ids: t.array(t.uuid), credited: t.array(t.int8), versions: t.array(t.int4) },
  {},
  { name: 'payments.credit_items' },
)`
  update payments.open_item o set credited_minor = n.credited, version = n.version
  from unnest(${'ids'}::uuid[], ${'credited'}::bigint[], ${'versions'}::int[]) as n (id, credited, version)
  where o.invoice_id = n.id and o.version < n.version`;

export async function saveCredited(
  tx: Transaction,
  items: readonly {
    readonly invoiceId: string;
    readonly creditedMinor: bigint;
    readonly version: number;
  }[],
): Promise<void> {
  await tx.run(creditMany, {
    ids: items.map(({ invoiceId }) => invoiceId),
    credited: items.map(({ creditedMinor }) => creditedMinor),
    versions: items.map(({ version }) => version),
  });
}

const openOf = sql(
  { customerId: t.uuid, currency: t.nullable(t.text), rowsMax: t.int4 },
  {
    invoiceId: t.uuid,
    number: t.text,
    customerId: t.uuid,
    issueDate: t.date,
    dueDate: t.date,
    currency: t.text,
    grossMinor: t.int8n,
    openMinor: t.int8n,
  },
  { name: 'payments.open_items_of_customer' },
)`
  select i.id as "invoiceId", i.number, i.customer_id as "customerId", i.issue_date as "issueDate",
         i.due_date as "dueDate", i.currency, i.gross_minor as "grossMinor",
         coalesce(o.open_minor, i.open_minor) as "openMinor"
  from invoicing_api.invoice i
  left join payments.open_item o on o.tenant_id = i.tenant_id and o.invoice_id = i.id
  where i.customer_id = ${'customerId'} and i.status in ('issued', 'partly-paid') and i.open_minor > 0
    and coalesce(o.open_minor, i.open_minor) > 0
    and (${'currency'}::text is null or i.currency = ${'currency'})
  order by i.due_date, i.id limit ${'rowsMax'}`;

/** Oldest due date first: invoicing's rows, with what was allocated since. */
export function findOpen(
  reader: Reader,
  query: {
    readonly customerId: string;
    readonly currency: string | null;
    readonly rowsMax: number;
  },
) {
  return reader.many(openOf, query);
}
