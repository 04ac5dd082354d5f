import { documentTotals, parseQuantity } from '@plinth/invoicing/browser';

import type { InvoiceDetail } from '../../parts/invoice-state.ts';

/** What is typed for a line: position → quantity. A line that is not chosen is absent. */
export type Chosen = ReadonlyMap<number, string>;

export interface CreditRequest {
  readonly lines: { position: number; quantity: string }[];
  /** Positive: what the customer gets back. */
  readonly grossMinor: number;
  /** Positions whose quantity is no number, or more than the line has. */
  readonly wrong: ReadonlySet<number>;
}

/** The lines to credit with their total, by the same arithmetic as the server's. */
export function creditRequest(invoice: InvoiceDetail, chosen: Chosen): CreditRequest {
  const wrong = new Set<number>();
  const taken = invoice.lines.flatMap((line) => {
    const text = chosen.get(line.position);
    if (text === undefined) return [];
    const quantity = text.trim().replace(',', '.');
    if (fits(quantity, line.quantity)) return [{ ...line, quantity }];
    wrong.add(line.position);
    return [];
  });
  const { grossMinor } = documentTotals(taken);
  const lines = taken.map(({ position, quantity }) => ({ position, quantity }));
  return { lines, grossMinor: Number(grossMinor), wrong };
}

/** Of the line's own sign, more than nothing, at most the line. */
function fits(text: string, whole: string): boolean {
  const quantity = parseQuantity(text);
  const max = parseQuantity(whole);
  if (quantity === undefined || max === undefined) return false;
  return max < 0n ? quantity < 0n && quantity >= max : quantity > 0n && quantity <= max;
}

/** What crediting the rest in full gives back. */
export function restMinor({ grossMinor, creditedMinor }: InvoiceDetail): number {
  return grossMinor - creditedMinor;
}
