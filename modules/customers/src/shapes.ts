import { currency, id, instant, minor, version } from '@plinth/contract';
import { z } from '@plinth/core/z';

/** One line of text without control characters, cut at its ends. */
function line(charactersMax: number) {
  return z
    .string()
    .trim()
    .min(1, 'A value is missing.')
    .max(charactersMax, `At most ${charactersMax} characters.`)
    .regex(/^\P{Cc}*$/u, 'One line of text.');
}
const email = z.email('This is not an e-mail address.').trim().max(254);
/** ISO 3166-1 alpha-2. */
const country = z.string().regex(/^[A-Z]{2}$/u, 'A country is two letters, as in DE.');
const phone = line(40);

const contact = z.object({
  name: line(200),
  position: line(100).nullable(),
  email: email.nullable(),
  phone: phone.nullable(),
});
export const contacts = z.array(contact).max(50);

/** What a person writes about a customer. */
export const customerFields = z.object({
  name: line(200),
  legalName: line(200).nullable(),
  vatId: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[A-Z0-9][A-Z0-9 .-]{1,31}$/u, 'A VAT id has 2 to 32 letters and digits.')
    .nullable(),
  email: email.nullable(),
  phone: phone.nullable(),
  street: line(200).nullable(),
  postalCode: line(20).nullable(),
  city: line(100).nullable(),
  region: line(100).nullable(),
  country,
  currency,
  /** Days from issue to due. */
  termDays: z.int('Terms are whole days.').min(0).max(365, 'Terms are at most 365 days.'),
  /** In the customer's currency; null: none. */
  creditLimitMinor: minor.min(0).nullable(),
  notes: z.string().max(4_000).nullable(),
});
/** Printed on documents, unique in the tenant. Left out: the next number of the tenant. */
export const customerNumber = line(32);

export const customer = customerFields.extend({
  id,
  version,
  number: z.string(),
  contacts,
  archivedAt: instant.nullable(),
  createdAt: instant,
  changedAt: instant,
});

/** A row of the list. `balance` (open less what is paid and not allocated) and `overdue` are in the customer's own currency. */
export const customerRow = z.object({
  id,
  version,
  number: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  city: z.string().nullable(),
  country: z.string(),
  currency: z.string(),
  balanceMinor: minor,
  overdueMinor: minor,
  termDays: z.int(),
  creditLimitMinor: minor.nullable(),
  archived: z.boolean(),
  createdAt: instant,
});

export const balance = z.object({
  currency: z.string(),
  /** Not yet paid of issued invoices, less what credit notes took off. */
  openMinor: minor,
  /** Paid and not allocated to an invoice. */
  creditMinor: minor,
  /** open − credit */
  balanceMinor: minor,
  overdueMinor: minor,
  openInvoices: z.int(),
  overdueInvoices: z.int(),
});

/** The targets of an import's columns; also the header of its rejected rows. */
export const importFields = [
  'number',
  'name',
  'legalName',
  'vatId',
  'email',
  'phone',
  'street',
  'postalCode',
  'city',
  'region',
  'country',
  'currency',
  'termDays',
  'creditLimit',
  'notes',
] as const;
export const importField = z.enum(importFields);

const importError = z.object({
  /** Of the file, from 1, the header included; where the record begins. */
  line: z.int(),
  /** The header's name of the column; empty: the whole row. */
  column: z.string(),
  code: z.string(),
  reason: z.string(),
});

export const customersImport = z.object({
  id,
  fileName: z.string(),
  state: z.enum(['uploaded', 'running', 'done', 'failed']),
  /** What the file looks like. */
  separator: z.enum([',', ';', 'tab']),
  header: z.array(z.string()),
  sample: z.array(z.array(z.string())),
  /** Target field → the header's name; what was guessed, or what the run used. */
  mapping: z.partialRecord(importField, z.string()),
  jobId: id.nullable(),
  rows: z.int(),
  created: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  rejected: z.int(),
  /** The first 200. */
  errors: z.array(importError),
  /** Why a run failed as a whole. */
  reason: z.string().nullable(),
  createdAt: instant,
  finishedAt: instant.nullable(),
});

const text = z.string();
export const rejectedRow = z.object({
  number: text,
  name: text,
  legalName: text,
  vatId: text,
  email: text,
  phone: text,
  street: text,
  postalCode: text,
  city: text,
  region: text,
  country: text,
  currency: text,
  termDays: text,
  creditLimit: text,
  notes: text,
  line: z.int(),
  column: text,
  reason: text,
});
