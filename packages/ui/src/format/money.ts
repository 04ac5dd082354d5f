import { exponentOf } from './currency.ts';
import { type Formats, numberFormat } from './formats.ts';

/** An integer of minor units (cents), |minor| ≤ 2⁵³ − 1, and its ISO 4217 currency. */
export interface Money {
  readonly minor: number;
  readonly currency: string;
}

export interface MoneyOptions {
  /** `1.24 M` in place of `1,240,318.00`. */
  readonly compact?: boolean;
  /** Without decimals, rounded half away from zero: figures of a dashboard. */
  readonly whole?: boolean;
}

/** The amount alone, with U+2212 as its minus: `−1,234.50`. */
export function amount(value: Money, formats: Formats, options: MoneyOptions = {}): string {
  const exponent = exponentOf(value.currency);
  const decimals = options.whole === true ? 0 : exponent;
  const format = numberFormat(
    formats.locale,
    options.compact === true
      ? { notation: 'compact', maximumSignificantDigits: 3 }
      : { minimumFractionDigits: decimals, maximumFractionDigits: decimals },
  );
  return withMinus(format.format(toDecimal(value.minor, exponent)));
}

/** Where the locale puts a currency's code. */
export function codeStands(formats: Formats): 'before' | 'after' {
  const parts = numberFormat(formats.locale, {
    style: 'currency',
    currency: 'EUR',
    currencyDisplay: 'code',
  }).formatToParts(1);
  return parts[0]?.type === 'currency' ? 'before' : 'after';
}

/** Amount and code as one text, for titles and speech: `EUR 1,234.50`, `1.234,50 EUR`. */
export function money(value: Money, formats: Formats, options: MoneyOptions = {}): string {
  const figures = amount(value, formats, options);
  return codeStands(formats) === 'before'
    ? `${value.currency}\u{A0}${figures}`
    : `${figures}\u{A0}${value.currency}`;
}

/** A number in the locale's grouping. */
export function count(value: number, formats: Formats): string {
  return withMinus(numberFormat(formats.locale).format(value));
}

/** A ratio as percent with at most one decimal: `74.8 %`. */
export function percent(ratio: number, formats: Formats): string {
  const figures = numberFormat(formats.locale, { maximumFractionDigits: 1 }).format(ratio * 100);
  return `${withMinus(figures)}\u{A0}%`;
}

/** `1190` and 2 → `11.90`: exact, no floating point between. */
export function toDecimal(minor: number, exponent: number): Intl.StringNumericLiteral {
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const text = exponent === 0 ? whole : `${whole}.${digits.slice(-exponent)}`;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- digits, at most one point and a sign
  return `${minor < 0 ? '-' : ''}${text}` as Intl.StringNumericLiteral;
}

function withMinus(text: string): string {
  return text.replace('-', '\u{2212}');
}
