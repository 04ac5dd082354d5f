import { count, type Formats, numberFormat } from '@plinth/ui/format';

/** A quantity of the wire as the locale writes it: `-1234.5` is `−1,234.5`; all of its decimals, never rounded. */
export function quantityText(decimal: string, formats: Formats): string {
  const [whole = '', fraction = ''] = decimal.replace('-', '').split('.');
  const sign = decimal.startsWith('-') ? '\u{2212}' : '';
  const point = numberFormat(formats.locale, { minimumFractionDigits: 1 })
    .formatToParts(0.5)
    .find(({ type }) => type === 'decimal')?.value;
  const rest = fraction === '' ? '' : `${point ?? '.'}${fraction}`;
  return `${sign}${count(Number(whole), formats)}${rest}`;
}
