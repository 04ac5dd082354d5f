import type { z } from '@plinth/core/z';

import { parseCreditLimit } from './credit-limit.ts';
import type { CustomerFields, Patch } from './customer.ts';
import { customerFields, customerNumber, importFields } from './shapes.ts';

export type ImportField = (typeof importFields)[number];
export type Mapping = Readonly<Partial<Record<ImportField, string>>>;
/** Our field → the text of the file; a field that is not mapped is absent. */
export type Cells = Readonly<Partial<Record<ImportField, string>>>;

export interface Defaults {
  readonly country?: string | undefined;
  readonly currency?: string | undefined;
}
export interface RowFault {
  /** Empty: the whole row. */
  readonly field: ImportField | '';
  readonly code: string;
  readonly reason: string;
}
export type ParsedRow =
  | { readonly number: string; readonly patch: Patch<CustomerFields> }
  | { readonly fault: RowFault };

type Parsed<value> = { readonly value: value } | { readonly fault: RowFault };

/** What a clerk reads beside a value that does not fit. */
const reasons: Readonly<Record<ImportField, string>> = {
  number: 'A number has 1 to 32 characters.',
  name: 'A name has 1 to 200 characters.',
  legalName: 'A legal name has at most 200 characters.',
  vatId: 'A VAT id has 2 to 32 letters and digits.',
  email: 'This is not an e-mail address.',
  phone: 'A phone number has at most 40 characters.',
  street: 'A street has at most 200 characters.',
  postalCode: 'A postal code has at most 20 characters.',
  city: 'A city has at most 100 characters.',
  region: 'A region has at most 100 characters.',
  country: 'A country is two letters, as in DE; or a name in English.',
  currency: 'A currency is three letters, as in EUR.',
  termDays: 'Terms are 0 to 365 whole days.',
  creditLimit: 'A credit limit is an amount such as 1234.50.',
  notes: 'Notes have at most 4,000 characters.',
};
const required = ['number', 'name', 'country', 'currency'] as const;

/** Reads one row of a file. An empty cell of an optional field clears it. */
export function parseRow(cells: Cells, defaults: Defaults): ParsedRow {
  const filled = withDefaults(cells, defaults);
  const missing = required.find((field) => (filled[field] ?? '').trim() === '');
  if (missing !== undefined) return { fault: faultOf(missing, 'missing', 'A value is missing.') };

  const number = customerNumber.safeParse(filled.number);
  if (!number.success) return { fault: faultOf('number', 'bad_value') };
  const patch: Record<string, unknown> = {};
  for (const field of importFields) {
    const text = filled[field];
    if (field === 'number' || text === undefined) continue;
    const parsed = parseField(field, text.trim(), filled.currency ?? '');
    if ('fault' in parsed) return parsed;
    patch[field === 'creditLimit' ? 'creditLimitMinor' : field] = parsed.value;
  }
  return { number: number.data, patch };
}

function withDefaults(cells: Cells, defaults: Defaults): Cells {
  const country = toCountry(cells.country ?? '') || defaults.country;
  const currency = (cells.currency ?? '').trim().toUpperCase() || defaults.currency;
  return {
    ...cells,
    ...(country === undefined ? {} : { country }),
    ...(currency === undefined ? {} : { currency }),
  };
}

function parseField(
  field: Exclude<ImportField, 'number'>,
  text: string,
  currency: string,
): Parsed<unknown> {
  if (field === 'creditLimit') {
    if (text === '') return { value: null };
    const minor = parseCreditLimit(text, currency);
    return minor === undefined ? { fault: faultOf(field, 'bad_value') } : { value: minor };
  }
  if (field === 'termDays') {
    if (text === '') return { fault: faultOf(field, 'missing', 'A value is missing.') };
    return check(field, customerFields.shape.termDays, /^\d+$/u.test(text) ? Number(text) : text);
  }
  return check(field, customerFields.shape[field], text === '' ? null : text);
}

function check(field: ImportField, schema: z.ZodType, value: unknown): Parsed<unknown> {
  const result = schema.safeParse(value);
  return result.success
    ? { value: result.data }
    : { fault: faultOf(field, value === null ? 'missing' : 'bad_value') };
}

function faultOf(field: ImportField, what: 'missing' | 'bad_value', reason?: string): RowFault {
  return { field, code: `customers.${what}`, reason: reason ?? reasons[field] };
}

const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
let codeOfName: Map<string, string> | undefined;

/** `DE`, or the code of a country's English name; what is neither stays as it is, for the message. */
function toCountry(text: string): string {
  const plain = text.trim();
  if (/^[A-Za-z]{2}$/u.test(plain)) return plain.toUpperCase();
  // Reversed: where two codes have one name (GB, UK), the first of the alphabet is the one.
  codeOfName ??= new Map([...countryNames()].toReversed());
  return codeOfName.get(plain.toLowerCase()) ?? plain;
}

function* countryNames(): Iterable<[name: string, code: string]> {
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCodePoint(65 + index));
  for (const first of letters) {
    for (const second of letters) {
      const name = regionNames.of(first + second);
      if (name !== undefined) yield [name.toLowerCase(), first + second];
    }
  }
  yield ['usa', 'US'];
  yield ['uk', 'GB'];
  yield ['eire', 'IE'];
  yield ['rsa', 'ZA'];
}

const aliases: Readonly<Record<ImportField, readonly string[]>> = {
  number: ['customer', 'customerid', 'customernumber', 'customerno', 'id', 'kundennummer'],
  name: ['customername', 'company', 'firma', 'kunde'],
  legalName: ['legalname', 'legalentity'],
  vatId: ['vat', 'vatid', 'vatnumber', 'taxid', 'ustid', 'ustidnr'],
  email: ['mail', 'emailaddress'],
  phone: ['telephone', 'tel', 'telefon'],
  street: ['address', 'address1', 'street1', 'strasse'],
  postalCode: ['postalcode', 'postcode', 'zip', 'zipcode', 'plz'],
  city: ['town', 'ort', 'stadt'],
  region: ['state', 'province', 'county'],
  country: ['countrycode', 'land'],
  currency: ['currencycode', 'waehrung'],
  termDays: ['termdays', 'terms', 'paymentterms', 'days'],
  creditLimit: ['creditlimit', 'limit'],
  notes: ['note', 'comment', 'comments', 'remarks'],
};

/** The columns whose names say what they hold. */
export function guessMapping(header: readonly string[]): Partial<Record<ImportField, string>> {
  const mapping: Partial<Record<ImportField, string>> = {};
  for (const field of importFields) {
    const names = new Set([field.toLowerCase(), ...aliases[field]]);
    const column = header.find((name) => names.has(plainName(name)));
    if (column !== undefined) mapping[field] = column;
  }
  return mapping;
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}
