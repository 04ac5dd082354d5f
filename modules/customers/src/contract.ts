import {
  command,
  currency,
  day,
  defineModule,
  get,
  id,
  listInput,
  minor,
  pageOf,
  patch,
  post,
  put,
  query,
  rowsInput,
  rowsOf,
  stream,
  summaryInput,
  summaryOutput,
  version,
} from '@plinth/contract';
import { z } from '@plinth/core/z';

import { customersEvents } from './events.ts';
import {
  balance,
  contacts,
  customer,
  customerFields,
  customerNumber,
  customerRow,
  customersImport,
  importField,
  rejectedRow,
} from './shapes.ts';

const read = 'customers.read';
const write = 'customers.write';
const imports = 'imports.write';
const fileBytesMax = 104_857_600;

const unknown = { 'customers.unknown': 'notFound' } as const;
const numberTaken = { 'customers.number_taken': 'conflict' } as const;
const unknownImport = { 'customers.unknown_import': 'notFound' } as const;
const keyed = { idempotency: 'optional' } as const;
const versioned = { ...keyed, ifMatch: 'required' } as const;
const changed = z.object({ id, version });

const statementLine = z.object({
  day,
  kind: z.enum(['invoice', 'creditNote', 'payment', 'refund']),
  /** The document: an invoice or a payment. */
  id,
  number: z.string(),
  /** What the line adds to the customer's debt; payments and credit notes take off. */
  amountMinor: minor,
  balanceMinor: minor,
});

export const customers = defineModule('customers', {
  operations: {
    listCustomers: query({
      input: listInput,
      output: pageOf(customerRow),
      permission: read,
      http: get('/customers', { list: true }),
    }),
    summarizeCustomers: query({
      input: summaryInput,
      output: summaryOutput,
      permission: read,
      http: get('/customers/summary'),
    }),
    customerRows: query({
      input: rowsInput,
      output: rowsOf(customerRow),
      permission: read,
      http: get('/customers/rows'),
    }),
    /** For pickers and the palette: at most 20, archived ones left out, best match first. */
    suggestCustomers: query({
      input: z.object({ q: z.string().trim().min(1).max(100) }),
      output: z.object({
        items: z.array(
          z.object({
            id,
            number: z.string(),
            name: z.string(),
            city: z.string().nullable(),
            country: z.string(),
            currency: z.string(),
            termDays: z.int(),
          }),
        ),
      }),
      permission: read,
      http: get('/customers/suggest'),
    }),
    getCustomer: query({
      input: z.object({ id }),
      output: customer,
      permission: read,
      errors: unknown,
      http: get('/customers/:id', { etag: 'row' }),
    }),
    /** One item a currency that something is open in, as of the last event that was handled. */
    getBalances: query({
      input: z.object({ id }),
      output: z.object({ items: z.array(balance) }),
      permission: read,
      errors: unknown,
      http: get('/customers/:id/balances', { etag: 'body' }),
    }),
    /** All that changed the customer's debt in one currency from the first day to the last, both included. */
    getStatement: query({
      input: z.object({ id, currency, from: day, to: day }),
      output: z.object({
        customer: z.object({ id, number: z.string(), name: z.string() }),
        currency,
        from: day,
        to: day,
        openingMinor: minor,
        closingMinor: minor,
        lines: z.array(statementLine),
      }),
      permission: read,
      errors: { ...unknown, 'customers.statement_too_long': 'unprocessable' },
      http: get('/customers/:id/statement', { etag: 'body' }),
    }),
    createCustomer: command({
      input: customerFields
        .partial()
        .required({ name: true, country: true, currency: true })
        .extend({ number: customerNumber.optional(), contacts: contacts.optional() }),
      output: z.object({ id, version, number: z.string() }),
      permission: write,
      errors: numberTaken,
      http: post('/customers', { idempotency: 'required', status: 201 }),
    }),
    changeCustomer: command({
      input: customerFields
        .partial()
        .extend({ id, version: version.optional(), number: customerNumber.optional() }),
      output: changed,
      permission: write,
      errors: { ...unknown, ...numberTaken },
      http: patch('/customers/:id', versioned),
    }),
    setContacts: command({
      input: z.object({ id, version: version.optional(), contacts }),
      output: changed,
      permission: write,
      errors: unknown,
      http: put('/customers/:id/contacts', versioned),
    }),
    /**
     * Finds customers by their numbers and makes those that are missing, in one transaction: for an import of
     * documents. In the order of the input; a number twice is one customer. Not reachable by HTTP.
     */
    ensureCustomers: command({
      input: z.object({
        items: z
          .array(
            z.object({
              number: customerNumber,
              /** What a new one gets; an existing one keeps its own. */
              name: customerFields.shape.name,
              country: customerFields.shape.country,
              currency,
              termDays: customerFields.shape.termDays,
            }),
          )
          .min(1)
          .max(5_000),
      }),
      output: z.object({
        items: z.array(
          z.object({ id, number: z.string(), name: z.string(), created: z.boolean() }),
        ),
      }),
      permission: imports,
    }),
    /** It keeps its history, takes no new documents, and leaves pickers. */
    archiveCustomer: command({
      input: z.object({ id, version: version.optional() }),
      output: changed,
      permission: write,
      errors: { ...unknown, 'customers.already_archived': 'conflict' },
      http: post('/customers/:id/archive', versioned),
    }),
    restoreCustomer: command({
      input: z.object({ id, version: version.optional() }),
      output: changed,
      permission: write,
      errors: { ...unknown, 'customers.not_archived': 'conflict' },
      http: post('/customers/:id/restore', versioned),
    }),
    exportCustomers: stream({
      input: summaryInput,
      item: customerRow,
      permission: 'exports.all',
      http: get('/customers/export', { formats: ['csv', 'ndjson'] }),
    }),

    /** The file itself: it is kept and looked at, nothing is imported yet. */
    uploadCustomers: command({
      input: z.object({ blob: z.string().max(300), fileName: z.string().max(255) }),
      output: customersImport,
      permission: imports,
      errors: { 'customers.unreadable_file': 'unprocessable' },
      http: post('/customers/imports', {
        status: 201,
        upload: { bytesMax: fileBytesMax, types: ['text/csv', 'text/plain'] },
      }),
    }),
    /** Creates or changes a customer a row, known by its number. The same file twice changes nothing. */
    startCustomersImport: command({
      input: z.object({
        id,
        mapping: z.partialRecord(importField, z.string().max(200)),
        /** For rows that name none. */
        defaults: z.object({
          country: z
            .string()
            .regex(/^[A-Z]{2}$/u)
            .optional(),
          currency: currency.optional(),
        }),
      }),
      output: z.object({ id, jobId: id }),
      permission: imports,
      errors: {
        ...unknownImport,
        'customers.import_started': 'conflict',
        'customers.bad_mapping': 'invalid',
      },
      http: post('/customers/imports/:id/start', { idempotency: 'optional', status: 202 }),
    }),
    getCustomersImport: query({
      input: z.object({ id }),
      output: customersImport,
      permission: imports,
      errors: unknownImport,
      http: get('/customers/imports/:id'),
    }),
    listCustomersImports: query({
      input: z.object({}),
      /** The newest 50, without samples and errors. */
      output: z.object({ items: z.array(customersImport.omit({ sample: true, errors: true })) }),
      permission: imports,
      http: get('/customers/imports'),
    }),
    /** The rejected rows under the names of our fields, with line, column and reason: to mend and to send again. */
    rejectedCustomers: stream({
      input: z.object({ id }),
      item: rejectedRow,
      permission: imports,
      errors: unknownImport,
      http: get('/customers/imports/:id/rejected', { formats: ['csv', 'ndjson'] }),
    }),
  },
  events: customersEvents,
  views: {
    'customers_api.customer': [
      'tenant_id',
      'id',
      'version',
      'number',
      'name',
      'name_key',
      'legal_name',
      'vat_id',
      'email',
      'phone',
      'street',
      'postal_code',
      'city',
      'region',
      'country',
      'currency',
      'term_days',
      'credit_limit_minor',
      'archived',
    ],
  },
});
