import type { payments } from '@plinth/payments';
import type { z } from '@plinth/core/z';
import { type Formats, parseMoney } from '@plinth/ui/format';

export type OpenItem = z.output<typeof payments.operations.listOpenItems.output>['items'][number];
export type Spread = NonNullable<
  z.input<typeof payments.operations.recordPayment.input>['allocate']
>;

/** `oldest`: as the money goes, oldest due date first. `typed`: what was typed, an invoice each. */
export type SpreadMode = 'oldest' | 'typed';

export type ShareFault = 'not_number' | 'above_open' | 'above_left';

export interface SpreadPlan {
  readonly mode: SpreadMode;
  /** Invoice → minor units. */
  readonly shares: ReadonlyMap<string, number>;
  readonly faults: ReadonlyMap<string, ShareFault>;
  readonly allocatedMinor: number;
  /** What stays as credit; negative: more was typed than there is. */
  readonly restMinor: number;
}

interface Money {
  /** What there is to spread. */
  readonly minor: number;
  readonly currency: string;
}

/**
 * In the order in which they are filled: by due date, then by number. Only those of one currency.
 *
 * @param first this invoice goes before the others: the one that the payment is for.
 */
export function fillOrder(
  items: readonly OpenItem[],
  currency: string,
  first?: string,
): readonly OpenItem[] {
  const later = ({ invoiceId }: OpenItem) => Number(invoiceId !== first);
  return items
    .filter((item) => item.currency === currency && item.openMinor > 0)
    .toSorted(
      (a, b) => later(a) - later(b) || compare(a.dueDate, b.dueDate) || compare(a.number, b.number),
    );
}

/** The same rule as the server's: the oldest is filled first, the rest stays credit. */
export function spreadOldest(
  items: readonly OpenItem[],
  { minor, currency }: Money,
  first?: string,
): SpreadPlan {
  let left = minor;
  const shares = new Map<string, number>();
  for (const { invoiceId, openMinor } of fillOrder(items, currency, first)) {
    const share = Math.min(openMinor, left);
    if (share <= 0) break;
    shares.set(invoiceId, share);
    left -= share;
  }
  return planOf('oldest', shares, new Map(), minor);
}

/** Amounts as they are typed; an empty one is none. */
export function spreadTyped(
  items: readonly OpenItem[],
  { minor, currency }: Money,
  typed: ReadonlyMap<string, string>,
  formats: Formats,
): SpreadPlan {
  const shares = new Map<string, number>();
  const faults = new Map<string, ShareFault>();
  let left = minor;
  for (const { invoiceId, openMinor } of fillOrder(items, currency)) {
    const text = typed.get(invoiceId)?.trim() ?? '';
    if (text === '') continue;
    const parsed = parseMoney(text, currency, formats);
    if (!parsed.ok || parsed.minor < 0) {
      faults.set(invoiceId, 'not_number');
      continue;
    }
    if (parsed.minor === 0) continue;
    shares.set(invoiceId, parsed.minor);
    if (parsed.minor > openMinor) faults.set(invoiceId, 'above_open');
    else if (parsed.minor > left) faults.set(invoiceId, 'above_left');
    left -= parsed.minor;
  }
  return planOf('typed', shares, faults, minor);
}

/** The open invoice whose number the reference names: `RE 2026-48208 Acme` names INV-2026-048208. */
export function namedIn(reference: string, items: readonly OpenItem[]): OpenItem | undefined {
  const said = reference.toUpperCase();
  const digits = said.replaceAll(/\D+/gu, ' ').trim();
  return (
    items.find(({ number }) => said.includes(number.toUpperCase())) ??
    items.find(({ number }) => {
      const own = number
        .replaceAll(/\D+/gu, ' ')
        .trim()
        .replaceAll(/ 0+(?=\d)/gu, ' ');
      return own.includes(' ') && ` ${digits.replaceAll(/ 0+(?=\d)/gu, ' ')} `.includes(` ${own} `);
    })
  );
}

const itemsMax = 200;

/** What is sent: the amounts that were shown. Beyond 200 invoices the server spreads by the same rule. */
export function toSpread({ mode, shares }: SpreadPlan): Spread | undefined {
  if (shares.size === 0) return undefined;
  if (shares.size > itemsMax && mode === 'oldest') return { by: 'oldest-first' };
  const items = [...shares].map(([invoiceId, amountMinor]) => ({ invoiceId, amountMinor }));
  return { by: 'amounts', items };
}

function planOf(
  mode: SpreadMode,
  shares: ReadonlyMap<string, number>,
  faults: ReadonlyMap<string, ShareFault>,
  minor: number,
): SpreadPlan {
  const allocatedMinor = [...shares.values()].reduce((sum, share) => sum + share, 0);
  return { mode, shares, faults, allocatedMinor, restMinor: minor - allocatedMinor };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
