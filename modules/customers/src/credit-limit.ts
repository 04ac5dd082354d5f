/** Decimals of the minor unit, ISO 4217, where they are not 2. */
const exponents: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'
      .split(' ')
      .map((code) => [code, 0]),
  ),
  ...Object.fromEntries('BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3])),
  CLF: 4,
  UYW: 4,
};

/**
 * An amount as people write it in files, in minor units: `1.234,50`, `1 234.5`, `1234`. Undefined where it has
 * more decimals than the currency, or can be read in two ways (`1.234` in EUR).
 */
export function parseCreditLimit(text: string, currency: string): number | undefined {
  const exponent = exponents[currency] ?? 2;
  const plain = text.replaceAll(/[\s'\u00a0\u202f]/gu, '');
  const decimalAt = decimalSign(plain, exponent);
  if (decimalAt === undefined) return undefined;
  const whole = plain.slice(0, decimalAt).replaceAll(/[.,]/gu, '');
  const fraction = plain.slice(decimalAt + 1);
  if (!/^\d+$/u.test(whole) || !/^\d*$/u.test(fraction) || fraction.length > exponent) {
    return undefined;
  }
  const minor = Number(whole + fraction.padEnd(exponent, '0'));
  return Number.isSafeInteger(minor) ? minor : undefined;
}

/** Where the decimals begin: the length of the text if there are none. */
function decimalSign(text: string, exponent: number): number | undefined {
  const last = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','));
  if (last < 0) return text.length;
  const sign = text[last] ?? '';
  const others = text.slice(0, last);
  const isRepeated = others.includes(sign);
  const hasOther = /[.,]/u.test(others) && !isRepeated;
  const groups = text.split(sign);
  const grouped = groups.slice(1).every((group) => group.length === 3);
  if (isRepeated) return grouped ? text.length : undefined;
  // One sign with three digits behind it: thousands, or thousandths.
  if (!hasOther && text.length - last === 4 && exponent !== 3) return undefined;
  return last;
}
