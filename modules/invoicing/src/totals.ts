// No imports: the browser computes a draft's totals with this file too.

type Integer = bigint | number;

/** What a line's amounts depend on. */
export interface PricedLine {
  /** A decimal with at most 6 places. */
  readonly quantity: string;
  readonly unitPriceMinor: Integer;
  /** Parts per million: 19 % is 190,000. */
  readonly taxPpm: number;
}

export interface TaxTotal {
  readonly taxPpm: number;
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
}

export interface Totals {
  /** A line each, in their order. */
  readonly lineNets: readonly bigint[];
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  readonly grossMinor: bigint;
  /** By rising rate. */
  readonly taxes: readonly TaxTotal[];
}

const micros = 1_000_000n;
const quantityForm = /^(-?)(\d{1,12})(?:\.(\d{1,6}))?$/u;

/** In millionths; undefined for anything but a decimal of at most 12 digits and 6 places. */
export function parseQuantity(text: string): bigint | undefined {
  const [, sign, whole, fraction = ''] = quantityForm.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const value = BigInt(whole) * micros + BigInt(fraction.padEnd(6, '0'));
  return sign === '-' ? -value : value;
}

/** The shortest decimal: 1,500,000 millionths are `1.5`. */
export function formatQuantity(quantityMicro: bigint): string {
  const size = quantityMicro < 0n ? -quantityMicro : quantityMicro;
  const fraction = (size % micros).toString().padStart(6, '0').replace(/0+$/u, '');
  const sign = quantityMicro < 0n ? '-' : '';
  return `${sign}${size / micros}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Commercial rounding: a half goes away from zero, so that a credit note is its invoice's exact negative. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  const negative = dividend < 0n;
  const size = negative ? -dividend : dividend;
  const quotient = (size * 2n + divisor) / (divisor * 2n);
  return negative ? -quotient : quotient;
}

export function lineNet(quantityMicro: bigint, unitPriceMinor: Integer): bigint {
  return divideHalfUp(quantityMicro * BigInt(unitPriceMinor), micros);
}

/**
 * EN 16931: the tax of a rate is computed once, over the sum of its lines' net amounts (BT-116, BT-117).
 * A line whose quantity is not a number counts as 0.
 */
export function documentTotals(lines: readonly PricedLine[]): Totals {
  const lineNets = lines.map(({ quantity, unitPriceMinor }) =>
    lineNet(parseQuantity(quantity) ?? 0n, unitPriceMinor),
  );
  return totalsOf(
    lines.map(({ taxPpm }) => taxPpm),
    lineNets,
  );
}

/** The same, where the lines' net amounts stand already. */
export function totalsOf(rates: readonly number[], lineNets: readonly bigint[]): Totals {
  const netOfRate = new Map<number, bigint>();
  for (const [index, taxPpm] of rates.entries()) {
    netOfRate.set(taxPpm, (netOfRate.get(taxPpm) ?? 0n) + (lineNets[index] ?? 0n));
  }
  const taxes = [...netOfRate]
    .toSorted(([left], [right]) => left - right)
    .map(([taxPpm, netMinor]) => ({
      taxPpm,
      netMinor,
      taxMinor: divideHalfUp(netMinor * BigInt(taxPpm), micros),
    }));
  const netMinor = sum(lineNets);
  const taxMinor = sum(taxes.map((tax) => tax.taxMinor));
  return { lineNets, netMinor, taxMinor, grossMinor: netMinor + taxMinor, taxes };
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
