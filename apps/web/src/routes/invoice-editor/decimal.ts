import { type Formats, numberFormat } from '@plinth/ui/format';

/**
 * A decimal as people type it, as the wire writes it: `1,5` and `1.5` are `1.5`, `1.234,5` is `1234.5`.
 *
 * Of two kinds of separators the last is the decimal; one alone is the decimal, unless it is the locale's grouping
 * sign before exactly three digits.
 *
 * @returns undefined for what is no number.
 */
export function parseDecimal(text: string, { locale }: Formats): string | undefined {
  const typed = text
    .trim()
    .replace(/^[\u{2212}\u{2013}]/u, '-')
    .replaceAll(/[\p{Zs}']/gu, '');
  const found = /^([-+]?)([\d.,]*\d[\d.,]*)$/u.exec(typed);
  if (found === null) return undefined;
  const [, sign = '', digits = ''] = found;
  const plain = toPlain(digits, groupOf(locale));
  if (plain === undefined) return undefined;
  const [whole = '', fraction = ''] = plain.split('.');
  const cut = fraction.replace(/0+$/u, '');
  const size = `${whole.replace(/^0+(?=\d)/u, '') || '0'}${cut === '' ? '' : `.${cut}`}`;
  return sign === '-' && size !== '0' ? `-${size}` : size;
}

function toPlain(digits: string, group: string): string | undefined {
  const signs = digits.replaceAll(/\d/gu, '');
  const last = signs.at(-1);
  if (last === undefined) return digits;
  const many = signs.length > 1;
  const mixed = new Set(signs).size === 2;
  if (many && !mixed) return ungrouped(digits, last);
  const at = digits.lastIndexOf(last);
  if (!many && last === group && digits.length - at === 4) return ungrouped(digits, last);
  if (mixed && signs.indexOf(last) !== signs.length - 1) return undefined;
  const whole = mixed
    ? ungrouped(digits.slice(0, at), last === '.' ? ',' : '.')
    : digits.slice(0, at);
  return whole === undefined ? undefined : `${whole}.${digits.slice(at + 1)}`;
}

function ungrouped(digits: string, group: string): string | undefined {
  const [first = '', ...rest] = digits.split(group);
  const fits = first.length >= 1 && first.length <= 3 && rest.every(({ length }) => length === 3);
  return fits ? [first, ...rest].join('') : undefined;
}

function groupOf(locale: string): string {
  return partOf(locale, 'group');
}

function partOf(locale: string, type: 'group' | 'decimal'): string {
  const parts = numberFormat(locale, { minimumFractionDigits: 1 }).formatToParts(1_234_567.5);
  return parts.find((part) => part.type === type)?.value ?? '';
}

/** As the locale writes it in a field: no grouping. */
export function writeDecimal(decimal: string, { locale }: Formats): string {
  return decimal.replace('.', partOf(locale, 'decimal'));
}
