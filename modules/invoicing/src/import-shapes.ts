import { currency, day, id, instant } from '@plinth/contract';
import { z } from '@plinth/core/z';

/** How a file's rows become documents. */
const importMapping = z.enum(['invoice-rows', 'line-rows']);
/** Of dates that are not ISO: `12/1/10` is 1 December in `mdy`, 12 January in `dmy`. */
const dateOrder = z.enum(['iso', 'mdy', 'dmy']);

export const importSettings = z.object({
  mapping: importMapping,
  dateOrder,
  /** Of amounts, where the file has no such column. */
  currency,
  /** Due so many days after the date of the document. */
  termDays: z.int().min(0).max(365),
  /** Invoices of an earlier date are settled by one opening payment each; null: none is. */
  settledBefore: day.nullable(),
  /** ISO 3166-1 alpha-2, of new customers, where the file has no such column. */
  country: z.string().regex(/^[A-Z]{2}$/u),
  /** Field → header of the file, where the header is not one that the mapping knows. */
  columns: z.record(z.string(), z.string().max(200)).optional(),
});

/** A row that was refused: where, what stands there, why. */
export const importError = z.object({
  /** Of the file, from 1; the header is a line. */
  line: z.int(),
  /** As the header spells it. */
  column: z.string(),
  value: z.string(),
  code: z.string(),
  reason: z.string(),
});

const importState = z.enum(['uploaded', 'running', 'checked', 'done', 'failed']);

export const importOutput = z.object({
  id,
  fileName: z.string(),
  bytes: z.int(),
  state: importState,
  /** The header of the file. */
  header: z.array(z.string()),
  /** The first rows, at most 20. */
  preview: z.array(z.array(z.string())),
  /** The mapping whose columns the header has; null: name the columns. */
  suggested: importMapping.nullable(),
  settings: importSettings.nullable(),
  jobId: id.nullable(),
  counts: z.object({
    /** Rows of the file without its header. */
    rows: z.int(),
    /** Rows left out, those of a document with a bad row included. */
    badRows: z.int(),
    /** Documents that were, or in a check would be, booked. */
    documents: z.int(),
    creditNotes: z.int(),
    /** Documents that were booked before. */
    known: z.int(),
    newCustomers: z.int(),
  }),
  /** Why it failed as a whole. */
  failure: z.string().nullable(),
  /** The first of them, at most 200; all of them by `exportImportErrors`. */
  errors: z.array(importError),
  createdAt: instant,
  finishedAt: instant.nullable(),
});
