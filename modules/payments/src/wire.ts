import { toVersion, type BodyOf } from '@plinth/contract';
import { Problem } from '@plinth/core';
import type { z } from '@plinth/core/z';
import type { Reader } from '@plinth/postgres';

import { findAllocations } from './allocation-table.ts';
import type { payments } from './contract.ts';
import type { ItemRow } from './open-item-table.ts';
import { findPayment, findRefunds, type PaymentRow } from './payment-table.ts';

export type PaymentDetail = z.output<(typeof payments)['operations']['getPayment']['output']>;
export type PaymentFacts = BodyOf<typeof payments.events.paymentReceived>;
export type AllocationFacts = BodyOf<typeof payments.events.paymentAllocated>;

function amountsOf(row: PaymentRow) {
  return {
    amountMinor: Number(row.amountMinor),
    allocatedMinor: Number(row.allocatedMinor),
    refundedMinor: Number(row.refundedMinor),
    unallocatedMinor: Number(row.unallocatedMinor),
  };
}

export function factsOf(row: PaymentRow): PaymentFacts {
  const { id: paymentId, version, number, customerId, customerName, receivedOn, currency } = row;
  const who = { number, customerId, customerName, receivedOn, method: row.method, currency };
  return { paymentId, version, ...who, ...amountsOf(row) };
}

/** @param item as it is after the change. */
export function allocationFacts(
  payment: PaymentRow,
  item: ItemRow,
  amountMinor: bigint,
  reason: AllocationFacts['reason'],
): AllocationFacts {
  return {
    invoiceId: item.invoiceId,
    invoiceNumber: item.number,
    paymentId: payment.id,
    paymentNumber: payment.number,
    customerId: item.customerId,
    currency: item.currency,
    amountMinor: Number(amountMinor),
    paidMinor: Number(item.allocatedMinor),
    sequence: item.sequence,
    receivedOn: payment.receivedOn,
    reason,
  };
}

export async function readDetail(reader: Reader, row: PaymentRow): Promise<PaymentDetail> {
  const [allocations, refunds] = await Promise.all([
    row.allocatedMinor === 0n ? [] : findAllocations(reader, row.id),
    row.refundedMinor === 0n ? [] : findRefunds(reader, row.id),
  ]);
  return {
    id: row.id,
    version: toVersion(row.version),
    number: row.number,
    customerId: row.customerId,
    customerName: row.customerName,
    receivedOn: row.receivedOn,
    method: row.method,
    status: row.status,
    currency: row.currency,
    ...amountsOf(row),
    reference: row.reference === '' ? null : row.reference,
    updatedAt: row.updatedAt,
    note: row.note === '' ? null : row.note,
    allocations: allocations.map((each) => ({ ...each, amountMinor: Number(each.amountMinor) })),
    refunds: refunds.map((each) => ({ ...each })),
    createdAt: row.createdAt,
  };
}

/** @throws {Problem} `payments.unknown` */
export async function requirePayment(reader: Reader, id: string): Promise<PaymentRow> {
  const row = await findPayment(reader, id);
  if (row === undefined) throw unknownPayment(id);
  return row;
}

export function unknownPayment(id: string): Problem {
  return new Problem(`There is no payment ${id}.`, { code: 'payments.unknown', kind: 'notFound' });
}
