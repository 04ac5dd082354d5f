import { sql, t, type Reader, type Transaction } from '@plinth/postgres';

import type { CreditLine } from './credit.ts';
import type { PlacedLine } from './invoice.ts';

const ofInvoice = sql(
  { invoiceId: t.uuid },
  {
    position: t.int4,
    description: t.text,
    quantityMicro: t.int8,
    unit: t.text,
    unitPriceMinor: t.int8,
    taxPpm: t.int4,
    netMinor: t.int8,
  },
  { name: 'invoicing.lines_of_invoice' },
)`
  select position, description, quantity_micro as "quantityMicro", unit, unit_price_minor as "unitPriceMinor",
         tax_ppm as "taxPpm", net_minor as "netMinor"
  from invoicing.line where invoice_id = ${'invoiceId'} order by position`;

export function findLines(reader: Reader, invoiceId: string): Promise<PlacedLine[]> {
  return reader.many(ofInvoice, { invoiceId });
}

const insertMany = sql(
  {
    invoiceIds: t.array(t.uuid),
    positions: t.array(t.int4),
    descriptions: t.array(t.text),
    quantities: t.array(t.int8),
    units: t.array(t.text),
    prices: t.array(t.int8),
    taxes: t.array(t.int4),
    nets: t.array(t.int8),
    credits: t.array(t.nullable(t.int4)),
  },
  {},
  { name: 'invoicing.insert_lines' },
)`
  insert into invoicing.line
    (invoice_id, position, description, quantity_micro, unit, unit_price_minor, tax_ppm, net_minor, credits_position)
  select * from unnest(${'invoiceIds'}::uuid[], ${'positions'}::int[], ${'descriptions'}::text[],
    ${'quantities'}::bigint[], ${'units'}::text[], ${'prices'}::bigint[], ${'taxes'}::int[], ${'nets'}::bigint[],
    ${'credits'}::int[])`;

/** A line with its document. */
export interface LineRow extends PlacedLine {
  readonly invoiceId: string;
  readonly creditsPosition?: number;
}

export async function insertLines(tx: Transaction, lines: readonly LineRow[]): Promise<void> {
  if (lines.length === 0) return;
  await tx.run(insertMany, {
    invoiceIds: lines.map(({ invoiceId }) => invoiceId),
    positions: lines.map(({ position }) => position),
    descriptions: lines.map(({ description }) => description),
    quantities: lines.map(({ quantityMicro }) => quantityMicro),
    units: lines.map(({ unit }) => unit),
    prices: lines.map(({ unitPriceMinor }) => unitPriceMinor),
    taxes: lines.map(({ taxPpm }) => taxPpm),
    nets: lines.map(({ netMinor }) => netMinor),
    credits: lines.map(({ creditsPosition }) => creditsPosition ?? null),
  });
}

const deleteOf = sql({ invoiceId: t.uuid }, {}, { name: 'invoicing.delete_lines' })`
  delete from invoicing.line where invoice_id = ${'invoiceId'}`;

export async function deleteLines(tx: Transaction, invoiceId: string): Promise<void> {
  await tx.run(deleteOf, { invoiceId });
}

const creditedOf = sql(
  { invoiceId: t.uuid },
  { position: t.int4, quantityMicro: t.int8 },
  { name: 'invoicing.credited_quantities' },
)`
  select l.credits_position as position, (-sum(l.quantity_micro))::bigint as "quantityMicro"
  from invoicing.invoice c join invoicing.line l on l.tenant_id = c.tenant_id and l.invoice_id = c.id
  where c.credits_id = ${'invoiceId'} and l.credits_position is not null
  group by l.credits_position`;

/** What credit notes took off each line, in its own sign. */
export async function findCredited(
  reader: Reader,
  invoiceId: string,
): Promise<Map<number, bigint>> {
  const rows = await reader.many(creditedOf, { invoiceId });
  return new Map(rows.map(({ position, quantityMicro }) => [position, quantityMicro]));
}

export function placeCreditLines(invoiceId: string, lines: readonly CreditLine[]): LineRow[] {
  return lines.map((line, index) => ({ ...line, invoiceId, position: index + 1 }));
}
