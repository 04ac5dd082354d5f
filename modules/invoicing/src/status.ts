// No imports but types: the browser loads this file too.
import { daysBetween, type Day } from './day.ts';

export type Kind = 'invoice' | 'credit-note';
export type Status = 'draft' | 'issued' | 'partly-paid' | 'settled' | 'voided';

/** What the payment state of an issued document follows from. */
export interface Balance {
  readonly kind: Kind;
  readonly grossMinor: bigint;
  readonly paidMinor: bigint;
  readonly creditedMinor: bigint;
}

export function openOf({ grossMinor, paidMinor, creditedMinor }: Balance): bigint {
  return grossMinor - paidMinor - creditedMinor;
}

/**
 * Never chosen by anybody, always computed; the table checks the same.
 *
 * Credited in full is voided, whatever was paid: payments takes that money back from it. A credit note is
 * settled by the invoice it corrects; one that names none stays issued.
 */
export function statusOf(balance: Balance): Exclude<Status, 'draft'> {
  const open = openOf(balance);
  if (balance.kind === 'credit-note') return open >= 0n ? 'settled' : 'issued';
  if (balance.grossMinor > 0n && balance.creditedMinor >= balance.grossMinor) return 'voided';
  if (open <= 0n) return 'settled';
  return balance.paidMinor > 0n ? 'partly-paid' : 'issued';
}

interface Dated {
  readonly status: string;
  readonly dueDate: Day;
  readonly openMinor: bigint | number;
}

/** Due on its last day, overdue from the next one on, as long as anything is open. */
export function isOverdue({ status, dueDate, openMinor }: Dated, today: Day): boolean {
  return (status === 'issued' || status === 'partly-paid') && openMinor > 0 && dueDate < today;
}

/** Days past due; negative: days left. */
export function daysLate({ dueDate }: Pick<Dated, 'dueDate'>, today: Day): number {
  return daysBetween(dueDate, today);
}
