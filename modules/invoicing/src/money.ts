// No imports: the browser loads this file too.

/** Decimals of the minor unit, ISO 4217 (list one of 2024-06-25), where they are not 2. */
const exponents: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
};
const withTwo =
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF ' +
  'CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL ' +
  'HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP ' +
  'MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD ' +
  'SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS ' +
  'VED VES WST XCD YER ZAR ZMW ZWG';
const two = new Set(withTwo.split(' '));

/** Undefined for what is no currency of today. */
export function exponentOf(currency: string): number | undefined {
  if (two.has(currency)) return 2;
  return Object.hasOwn(exponents, currency) ? exponents[currency] : undefined;
}

/** Every currency that an invoice can have, in the order of the alphabet. */
export const currencies: readonly string[] = [...two, ...Object.keys(exponents)].toSorted();

export type AmountFault = 'not_number' | 'too_precise' | 'too_large';

/** 2^53 − 1: what JSON and a browser hold exactly. */
export const minorMax = 9_007_199_254_740_991n;

/** A plain decimal with a point, as files have it: `-12.5` in EUR is −1,250. Never rounded. */
export function parseAmount(text: string, exponent: number): bigint | AmountFault {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/u.exec(text) ?? [];
  if (whole === '') return 'not_number';
  const digits = fraction.replace(/0+$/u, '');
  if (digits.length > exponent) return 'too_precise';
  const minor = BigInt(whole + digits.padEnd(exponent, '0'));
  if (minor > minorMax) return 'too_large';
  return sign === '-' ? -minor : minor;
}

/** `-12.50` for −1,250 in EUR: for files and messages, not for a page. */
export function formatAmount(minor: bigint | number, exponent: number): string {
  const value = BigInt(minor);
  const digits = (value < 0n ? -value : value).toString().padStart(exponent + 1, '0');
  const sign = value < 0n ? '-' : '';
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
