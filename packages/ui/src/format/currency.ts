/** ISO 4217: decimals of a currency's minor unit, where they are not two. */
const exponents: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

const exponentByCurrency = new Map(
  Object.entries(exponents).flatMap(([exponent, codes]) =>
    codes.split(' ').map((code): [string, number] => [code, Number(exponent)]),
  ),
);

/** Decimals of the currency: JPY 0, EUR 2, KWD 3. `Intl` is not asked: it knows what shops show, not what books hold. */
export function exponentOf(currency: string): number {
  return exponentByCurrency.get(currency) ?? 2;
}
