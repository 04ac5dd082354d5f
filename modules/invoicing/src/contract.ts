import {
  command,
  currency,
  day,
  defineModule,
  del,
  get,
  id,
  listInput,
  minor,
  pageOf,
  patch,
  post,
  query,
  rowsInput,
  rowsOf,
  stream,
  summaryInput,
  summaryOutput,
  version,
} from '@plinth/contract';
import { z } from '@plinth/core/z';

import { invoicingEvents } from './events.ts';
import { importError, importOutput, importSettings } from './import-shapes.ts';
import {
  batchStarted,
  draftInput,
  invoiceDetail,
  invoiceRow,
  quantity,
  selection,
} from './shapes.ts';

const read = 'invoicing.read';
const write = 'invoicing.write';
const issue = 'invoicing.issue';
const imports = 'imports.write';

const unknown = { 'invoicing.unknown': 'notFound' } as const;
const notDraft = { ...unknown, 'invoicing.not_draft': 'conflict' } as const;
const badDraft = {
  'invoicing.unknown_customer': 'unprocessable',
  'invoicing.bad_currency': 'unprocessable',
  'invoicing.bad_amount': 'unprocessable',
  'invoicing.bad_dates': 'unprocessable',
} as const;
const badCredit = {
  ...unknown,
  'invoicing.not_creditable': 'conflict',
  'invoicing.credit_exceeds': 'unprocessable',
} as const;
const changes = { ifMatch: 'required', idempotency: 'optional', etag: 'row' } as const;
const binds = { ifMatch: 'required', idempotency: 'required', etag: 'row' } as const;
const row = { id, version: version.optional() };

/** Invoices and credit notes: drafted, issued under gapless numbers, credited, imported. */
export const invoicing = defineModule('invoicing', {
  operations: {
    listInvoices: query({
      summary: 'A window of the list of invoices, credit notes and drafts.',
      input: listInput,
      output: pageOf(invoiceRow),
      permission: read,
      http: get('/invoices', { list: true }),
    }),
    summarizeInvoices: query({
      summary: 'Totals of a filter, a currency each.',
      input: summaryInput,
      output: summaryOutput,
      permission: read,
      http: get('/invoices/summary'),
    }),
    rowsOfInvoices: query({
      summary: 'Rows by their ids, and the ids that the filter no longer keeps.',
      input: rowsInput,
      output: rowsOf(invoiceRow),
      permission: read,
      http: get('/invoices/rows'),
    }),
    exportInvoices: stream({
      summary: 'All rows that a filter keeps, in its order.',
      input: summaryInput,
      item: invoiceRow,
      permission: 'exports.all',
      http: get('/invoices/export', { formats: ['ndjson', 'csv'] }),
    }),
    getInvoice: query({
      summary: 'One document with its lines, taxes, payments and credit notes.',
      input: z.object({ id }),
      output: invoiceDetail,
      permission: read,
      deadline: 2_000,
      errors: unknown,
      http: get('/invoices/:id', { etag: 'row' }),
    }),
    createDraft: command({
      summary: 'Begins a draft.',
      input: draftInput.extend({ id: id.optional() }),
      output: invoiceDetail,
      permission: write,
      errors: badDraft,
      http: post('/invoices', { status: 201, idempotency: 'required', etag: 'row' }),
    }),
    changeDraft: command({
      summary: 'Changes the fields that are given; lines as a whole.',
      input: draftInput.partial().extend(row),
      output: invoiceDetail,
      permission: write,
      errors: { ...notDraft, ...badDraft },
      http: patch('/invoices/:id', changes),
    }),
    deleteDraft: command({
      summary: 'Removes a draft. It had no number, so none is missing.',
      input: z.object(row),
      output: z.object({ id }),
      permission: write,
      errors: notDraft,
      http: del('/invoices/:id', { ifMatch: 'required', idempotency: 'optional' }),
    }),
    issueInvoice: command({
      summary: 'Gives a draft its number. From then on only its payment state changes.',
      input: z.object({ ...row, issueDate: day.optional() }),
      output: invoiceDetail,
      permission: issue,
      errors: { ...notDraft, 'invoicing.not_issuable': 'unprocessable' },
      http: post('/invoices/:id/issue', binds),
    }),
    voidInvoice: command({
      summary: 'Credits an unpaid invoice in full.',
      input: z.object({ ...row, reason: z.string().trim().min(1).max(500) }),
      output: z.object({ invoice: invoiceDetail, creditNote: invoiceDetail, version }),
      permission: issue,
      errors: badCredit,
      http: post('/invoices/:id/void', binds),
    }),
    creditInvoice: command({
      summary: 'Credits an issued invoice in full, or some of its lines.',
      input: z.object({
        ...row,
        reason: z.string().trim().min(1).max(500),
        issueDate: day.optional(),
        /** Absent: what is not credited yet. */
        lines: z
          .array(z.object({ position: z.int().min(1), quantity: quantity.optional() }))
          .min(1)
          .max(2_000)
          .optional(),
      }),
      output: z.object({ invoice: invoiceDetail, creditNote: invoiceDetail, version }),
      permission: issue,
      errors: badCredit,
      http: post('/invoices/:id/credit', binds),
    }),
    duplicateInvoice: command({
      summary: 'A new draft with the lines of this document.',
      input: z.object({ id }),
      output: invoiceDetail,
      permission: write,
      errors: { ...unknown, ...badDraft },
      http: post('/invoices/:id/duplicate', { status: 201, idempotency: 'required', etag: 'row' }),
    }),
    issueInvoices: command({
      summary: 'Issues the drafts of a selection, one by one, as a job.',
      input: z.object({ selection, args: z.object({ issueDate: day.optional() }).optional() }),
      output: batchStarted,
      permission: issue,
      http: post('/invoices/batch/issue', { status: 202, idempotency: 'required' }),
    }),
    deleteDrafts: command({
      summary: 'Removes the drafts of a selection, as a job.',
      input: z.object({ selection, args: z.object({}).optional() }),
      output: batchStarted,
      permission: write,
      http: post('/invoices/batch/delete', { status: 202, idempotency: 'required' }),
    }),
    listSeries: query({
      summary: 'The number series, and the number that each would give next.',
      input: z.object({ year: z.int().min(1900).max(9999).optional() }),
      output: z.object({
        items: z.array(
          z.object({
            code: z.string(),
            kind: z.enum(['invoice', 'credit-note', 'imported']),
            year: z.int(),
            issued: z.int(),
            /** Null: numbers come from outside. */
            next: z.string().nullable(),
          }),
        ),
      }),
      permission: read,
      http: get('/number-series'),
    }),
    openRange: query({
      summary: 'The last 12 months that have documents, and the currencies in use.',
      input: z.object({}),
      output: z.object({
        from: day.nullable(),
        to: day.nullable(),
        currencies: z.array(z.object({ currency, documents: z.int(), grossMinor: minor })),
      }),
      permission: read,
      http: get('/invoices/range'),
    }),
    uploadImport: command({
      summary: 'Keeps a CSV file for an import and shows its first rows.',
      input: z.object({ blob: z.string().max(200), fileName: z.string().max(200) }),
      output: importOutput,
      permission: imports,
      errors: { 'invoicing.not_csv': 'unprocessable' },
      http: post('/invoices/imports', {
        status: 201,
        idempotency: 'optional',
        upload: { bytesMax: 200 * 1_048_576, types: ['text/csv', 'text/plain'] },
      }),
    }),
    runImport: command({
      summary: 'Checks a kept file, or books it. Booked twice, it books nothing twice.',
      input: z.object({ id, mode: z.enum(['check', 'book']), settings: importSettings }),
      output: importOutput,
      permission: imports,
      errors: {
        'invoicing.unknown_import': 'notFound',
        'invoicing.import_running': 'conflict',
        'invoicing.columns_missing': 'unprocessable',
      },
      http: post('/invoices/imports/:id/run', { status: 202, idempotency: 'required' }),
    }),
    getImport: query({
      summary: 'How far an import is, what it booked, what it refused.',
      input: z.object({ id }),
      output: importOutput,
      permission: imports,
      errors: { 'invoicing.unknown_import': 'notFound' },
      http: get('/invoices/imports/:id'),
    }),
    listImports: query({
      summary: 'The imports of the last months, newest first.',
      input: z.object({ limit: z.int().min(1).max(100).optional() }),
      output: z.object({ items: z.array(importOutput) }),
      permission: imports,
      http: get('/invoices/imports'),
    }),
    exportImportErrors: stream({
      summary: 'Every refused value with its place and reason.',
      input: z.object({ id }),
      item: importError,
      permission: imports,
      errors: { 'invoicing.unknown_import': 'notFound' },
      http: get('/invoices/imports/:id/errors', { formats: ['ndjson', 'csv'] }),
    }),
    exportImportRejects: stream({
      summary: 'The refused rows under the header of their file, to mend and send again.',
      input: z.object({ id }),
      item: z.record(z.string(), z.string()),
      permission: imports,
      errors: { 'invoicing.unknown_import': 'notFound' },
      http: get('/invoices/imports/:id/rejects', { formats: ['csv', 'ndjson'] }),
    }),
  },
  events: invoicingEvents,
  views: {
    'invoicing_api.invoice': [
      'tenant_id',
      'id',
      'version',
      'kind',
      'number',
      'status',
      'customer_id',
      'customer_name',
      'issue_date',
      'due_date',
      'currency',
      'net_minor',
      'tax_minor',
      'gross_minor',
      'paid_minor',
      'credited_minor',
      'open_minor',
      'payment_sequence',
      'updated_at',
      'imported',
    ],
  },
});
