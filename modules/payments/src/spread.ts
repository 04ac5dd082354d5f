import { Problem, type FieldProblem } from '@plinth/core';

/** What is known of an invoice that may take money. */
export interface OpenItem {
  readonly invoiceId: string;
  readonly number: string;
  readonly customerId: string;
  readonly currency: string;
  readonly issueDate: string;
  readonly dueDate: string;
  readonly openMinor: bigint;
}

/** The money that is to be spread. */
export interface Source {
  readonly customerId: string;
  readonly currency: string;
  readonly leftMinor: bigint;
}

export interface Wish {
  readonly invoiceId: string;
  readonly amountMinor: bigint;
}

/** A part of the money, for one invoice. */
export interface Share {
  readonly item: OpenItem;
  readonly amountMinor: bigint;
}

/**
 * Typed amounts, one by one: never more than an invoice has open, never more than is left.
 *
 * @throws {Problem} `payments.unknown_invoice`, `payments.other_currency`, `payments.other_customer`,
 *   `payments.exceeds_open`, `payments.exceeds_payment`, with the item at fault.
 */
export function spreadAmounts(
  source: Source,
  items: ReadonlyMap<string, OpenItem>,
  wishes: readonly Wish[],
): Share[] {
  let leftMinor = source.leftMinor;
  const seen = new Set<string>();
  return wishes.map(({ invoiceId, amountMinor }, index) => {
    const pointer = `/allocate/items/${index}/amountMinor`;
    const item = requireItem(source, items.get(invoiceId), pointer);
    if (seen.has(invoiceId)) {
      throw refused('payments.exceeds_open', `${item.number} stands twice.`, pointer);
    }
    seen.add(invoiceId);
    if (amountMinor > item.openMinor) {
      const message = `${item.number} has only ${item.openMinor} ${item.currency} minor units open.`;
      throw refused('payments.exceeds_open', message, pointer);
    }
    if (amountMinor > leftMinor) {
      const message = `Only ${leftMinor} ${item.currency} minor units are left of the payment.`;
      throw refused('payments.exceeds_payment', message, pointer);
    }
    leftMinor -= amountMinor;
    return { item, amountMinor };
  });
}

/**
 * Fills the oldest due date first, as far as the money goes; the rest stays credit. Invoices of another
 * currency or customer are passed over.
 */
export function spreadOldestFirst(source: Source, items: Iterable<OpenItem>): Share[] {
  const candidates = [...items]
    .filter(
      ({ customerId, currency, openMinor }) =>
        customerId === source.customerId && currency === source.currency && openMinor > 0n,
    )
    .toSorted((a, b) => compare(a.dueDate, b.dueDate) || compare(a.number, b.number));
  const shares: Share[] = [];
  let { leftMinor } = source;
  for (const item of candidates) {
    if (leftMinor <= 0n) break;
    const amountMinor = item.openMinor < leftMinor ? item.openMinor : leftMinor;
    shares.push({ item, amountMinor });
    leftMinor -= amountMinor;
  }
  return shares;
}

function requireItem(source: Source, item: OpenItem | undefined, pointer: string): OpenItem {
  if (item === undefined) {
    throw refused('payments.unknown_invoice', 'There is no such invoice to pay.', pointer);
  }
  if (item.currency !== source.currency) {
    throw refused(
      'payments.other_currency',
      `${item.number} is in ${item.currency}, the payment in ${source.currency}: record one payment a currency.`,
      pointer,
    );
  }
  if (item.customerId !== source.customerId) {
    throw refused('payments.other_customer', `${item.number} is another customer's.`, pointer);
  }
  return item;
}

export function refused(code: `payments.${string}`, message: string, pointer?: string): Problem {
  const fields: FieldProblem[] =
    pointer === undefined ? [] : [{ pointer, code: code.slice('payments.'.length), message }];
  return new Problem(message, {
    code,
    kind: 'unprocessable',
    ...(fields.length === 0 ? {} : { fields }),
  });
}

export function sumOf(shares: readonly { readonly amountMinor: bigint }[]): bigint {
  return shares.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

export type PaymentStatus = 'open' | 'allocated' | 'refunded';

/** Never chosen, always computed; the table checks the same. */
export function statusOf(payment: {
  readonly amountMinor: bigint;
  readonly allocatedMinor: bigint;
  readonly refundedMinor: bigint;
}): PaymentStatus {
  const { amountMinor, allocatedMinor, refundedMinor } = payment;
  if (amountMinor - allocatedMinor - refundedMinor > 0n) return 'open';
  return allocatedMinor > 0n ? 'allocated' : 'refunded';
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
