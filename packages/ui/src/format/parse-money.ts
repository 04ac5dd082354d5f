import { exponentOf } from './currency.ts';
import { type Formats, numberFormat } from './formats.ts';

export type MoneyFault = 'empty' | 'not-number' | 'too-precise' | 'too-large' | 'ambiguous';
export type ParsedMoney =
  | { readonly ok: true; readonly minor: number }
  | { readonly ok: false; readonly code: MoneyFault };

interface Separators {
  readonly decimal: string;
  readonly group: string;
}

/**
 * Reads an amount as people type it: `1.234,56`, `1,234.56`, `(12.00)`, `−12`.
 *
 * The order of the rules is ui-kit.md §3. More decimals than the currency has are refused, never rounded;
 * one separator before exactly three digits that is neither the locale's decimal nor its grouping is `ambiguous`.
 */
export function parseMoney(text: string, currency: string, formats: Formats): ParsedMoney {
  const bare = text.trim();
  if (bare === '') return { ok: false, code: 'empty' };
  const { negative, rest } = cutSign(bare);
  const digits = rest.replaceAll(/[\p{Zs}']/gu, '');
  if (!/^[\d.,]*\d[\d.,]*$/u.test(digits)) return { ok: false, code: 'not-number' };
  const decimal = cutDecimal(digits, formats);
  if (typeof decimal === 'string') return { ok: false, code: decimal };
  return toMinor(decimal, negative, exponentOf(currency));
}

interface Cut {
  readonly whole: string;
  readonly fraction: string;
}

function toMinor({ whole, fraction }: Cut, negative: boolean, exponent: number): ParsedMoney {
  if (fraction.length > exponent) return { ok: false, code: 'too-precise' };
  const minor = Number(`${whole}${fraction.padEnd(exponent, '0')}`);
  if (!Number.isSafeInteger(minor)) return { ok: false, code: 'too-large' };
  return { ok: true, minor: negative && minor !== 0 ? -minor : minor };
}

function cutSign(text: string): { negative: boolean; rest: string } {
  const bracketed = /^\((.*)\)$/u.exec(text);
  if (bracketed?.[1] !== undefined) return { negative: true, rest: bracketed[1] };
  const signed = /^[-\u{2212}\u{2013}](.*)$/u.exec(text);
  if (signed?.[1] !== undefined) return { negative: true, rest: signed[1] };
  return { negative: false, rest: text.replace(/^\+/u, '') };
}

/** Rules 2 to 4: which of the separators is the decimal. */
function cutDecimal(digits: string, formats: Formats): Cut | MoneyFault {
  const signs = digits.replaceAll(/\d/gu, '');
  const last = signs.at(-1);
  if (last === undefined) return { whole: digits, fraction: '' };
  if (new Set(signs).size === 2) {
    return signs.indexOf(last) === signs.length - 1 ? at(digits, last) : 'not-number';
  }
  if (signs.length > 1) return grouped(digits, last);
  return single(digits, last, formats);
}

function single(digits: string, sign: string, formats: Formats): Cut | MoneyFault {
  const { decimal, group } = separatorsOf(formats.locale);
  const after = digits.length - digits.indexOf(sign) - 1;
  if (sign === decimal || after !== 3) return at(digits, sign);
  return sign === group ? grouped(digits, sign) : 'ambiguous';
}

function at(digits: string, decimal: string): Cut | MoneyFault {
  const [left = '', fraction = ''] = digits.split(decimal);
  const group = decimal === '.' ? ',' : '.';
  if (!left.includes(group)) return { whole: left, fraction };
  const whole = grouped(left, group);
  return typeof whole === 'string' ? whole : { whole: whole.whole, fraction };
}

function grouped(digits: string, group: string): Cut | MoneyFault {
  const [first = '', ...rest] = digits.split(group);
  const fits = first.length >= 1 && first.length <= 3 && rest.every(({ length }) => length === 3);
  return fits ? { whole: [first, ...rest].join(''), fraction: '' } : 'not-number';
}

function separatorsOf(locale: string): Separators {
  const parts = numberFormat(locale, { minimumFractionDigits: 1 }).formatToParts(1_234_567.5);
  const sign = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return { decimal: sign('decimal'), group: sign('group') };
}
