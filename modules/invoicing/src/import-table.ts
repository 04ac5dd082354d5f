import { z } from '@plinth/core/z';
import { sql, t, type Reader, type Transaction } from '@plinth/postgres';

import { importSettings } from './import-shapes.ts';
import type { LineFault, SourceRow } from './import-document.ts';

const state = t.enum('uploaded', 'running', 'checked', 'done', 'failed');
const columns = sql.fragment`
  m.id, m.file_name as "fileName", m.blob, m.bytes, m.state, m.header, m.preview, m.separator, m.encoding, m.suggested,
  m.settings, m.job_id as "jobId", m.row_count as rows, m.bad_rows as "badRows", m.documents,
  m.credit_notes as "creditNotes", m.known, m.new_customers as "newCustomers", m.done_line as "doneLine", m.failure,
  m.created_at as "createdAt", m.finished_at as "finishedAt"`;
const row = {
  id: t.uuid,
  fileName: t.text,
  blob: t.text,
  bytes: t.int8n,
  state,
  header: t.array(t.text),
  preview: t.json(z.array(z.array(z.string()))),
  separator: t.enum(',', ';', '\t'),
  encoding: t.enum('utf-8', 'utf-16le', 'utf-16be', 'windows-1252'),
  suggested: t.nullable(t.enum('invoice-rows', 'line-rows')),
  settings: t.nullable(t.json(importSettings)),
  jobId: t.nullable(t.uuid),
  rows: t.int4,
  badRows: t.int4,
  documents: t.int4,
  creditNotes: t.int4,
  known: t.int4,
  newCustomers: t.int4,
  doneLine: t.int4,
  failure: t.nullable(t.text),
  createdAt: t.instant,
  finishedAt: t.nullable(t.instant),
};

const byId = sql({ id: t.uuid }, row, { name: 'invoicing.import_by_id', hot: true })`
  select ${columns} from invoicing.import m where m.id = ${'id'}`;
const lockById = sql({ id: t.uuid }, row, { name: 'invoicing.lock_import', hot: true })`
  select ${columns} from invoicing.import m where m.id = ${'id'} for no key update`;
const newest = sql({ rowsMax: t.int4 }, row, { name: 'invoicing.newest_imports' })`
  select ${columns} from invoicing.import m order by m.id desc limit ${'rowsMax'}`;

export type ImportRow = NonNullable<Awaited<ReturnType<typeof findImport>>>;

export function findImport(reader: Reader, id: string) {
  return reader.maybe(byId, { id });
}
export function lockImport(tx: Transaction, id: string) {
  return tx.maybe(lockById, { id });
}
/** Newest first. */
export function findImports(reader: Reader, rowsMax: number) {
  return reader.many(newest, { rowsMax });
}

const insert = sql(
  {
    id: t.uuid,
    fileName: t.text,
    blob: t.text,
    bytes: t.int8n,
    header: t.array(t.text),
    preview: t.json(z.array(z.array(z.string()))),
    separator: t.text,
    encoding: t.text,
    suggested: t.nullable(t.text),
    now: t.instant,
  },
  row,
  { name: 'invoicing.insert_import' },
)`
  insert into invoicing.import as m
    (id, file_name, blob, bytes, state, header, preview, separator, encoding, suggested, created_at)
  values (${'id'}, ${'fileName'}, ${'blob'}, ${'bytes'}, 'uploaded', ${'header'}, ${'preview'}, ${'separator'},
    ${'encoding'}, ${'suggested'}, ${'now'})
  returning ${columns}`;

export function insertImport(
  tx: Transaction,
  file: {
    readonly id: string;
    readonly fileName: string;
    readonly blob: string;
    readonly bytes: number;
    readonly header: readonly string[];
    readonly preview: string[][];
    readonly separator: string;
    readonly encoding: string;
    readonly suggested: string | null;
    readonly now: string;
  },
) {
  return tx.one(insert, file);
}

const begin = sql({ id: t.uuid, jobId: t.uuid, settings: t.json(importSettings) }, row, {
  name: 'invoicing.begin_import',
})`
  update invoicing.import m set
    state = 'running', job_id = ${'jobId'}, settings = ${'settings'}, row_count = 0, bad_rows = 0, documents = 0,
    credit_notes = 0, known = 0, new_customers = 0, done_line = 0, failure = null, finished_at = null
  where m.id = ${'id'}
  returning ${columns}`;
const dropErrors = sql({ id: t.uuid }, {}, { name: 'invoicing.drop_import_errors' })`
  delete from invoicing.import_error where import_id = ${'id'}`;
const dropRejects = sql({ id: t.uuid }, {}, { name: 'invoicing.drop_import_rejects' })`
  delete from invoicing.import_reject where import_id = ${'id'}`;

/** Counts and errors begin anew. */
export async function beginImport(
  tx: Transaction,
  run: {
    readonly id: string;
    readonly jobId: string;
    readonly settings: z.output<typeof importSettings>;
  },
) {
  await tx.run(dropErrors, { id: run.id });
  await tx.run(dropRejects, { id: run.id });
  return tx.one(begin, run);
}

/** What a chunk of the file adds to the counts. */
export interface ImportCounts {
  readonly rows: number;
  readonly badRows: number;
  readonly documents: number;
  readonly creditNotes: number;
  readonly known: number;
  readonly newCustomers: number;
}

const advance = sql(
  {
    id: t.uuid,
    rows: t.int4,
    badRows: t.int4,
    documents: t.int4,
    creditNotes: t.int4,
    known: t.int4,
    newCustomers: t.int4,
    doneLine: t.int4,
  },
  {},
  { name: 'invoicing.advance_import' },
)`
  update invoicing.import set
    row_count = row_count + ${'rows'}, bad_rows = bad_rows + ${'badRows'}, documents = documents + ${'documents'},
    credit_notes = credit_notes + ${'creditNotes'}, known = known + ${'known'},
    new_customers = new_customers + ${'newCustomers'}, done_line = ${'doneLine'}
  where id = ${'id'}`;

/** In the transaction that books the chunk, so that an interrupted import goes on where its counts end. */
export async function advanceImport(
  tx: Transaction,
  step: ImportCounts & { readonly id: string; readonly doneLine: number },
): Promise<void> {
  await tx.run(advance, step);
}

const end = sql({ id: t.uuid, state, failure: t.nullable(t.text), now: t.instant }, row, {
  name: 'invoicing.end_import',
})`
  update invoicing.import m set state = ${'state'}, failure = ${'failure'}, finished_at = ${'now'}
  where m.id = ${'id'}
  returning ${columns}`;

export function endImport(
  tx: Transaction,
  outcome: {
    readonly id: string;
    readonly state: 'checked' | 'done' | 'failed';
    readonly failure: string | null;
    readonly now: string;
  },
) {
  return tx.one(end, outcome);
}

const insertErrors = sql(
  {
    id: t.uuid,
    lines: t.array(t.int4),
    positions: t.array(t.int4),
    columns: t.array(t.text),
    values: t.array(t.text),
    codes: t.array(t.text),
    reasons: t.array(t.text),
  },
  {},
  { name: 'invoicing.insert_import_errors' },
)`
  insert into invoicing.import_error (import_id, line, position, column_name, value, code, reason)
  select ${'id'}, * from unnest(${'lines'}::int[], ${'positions'}::int[], ${'columns'}::text[], ${'values'}::text[],
    ${'codes'}::text[], ${'reasons'}::text[])
  on conflict do nothing`;

export async function insertImportErrors(
  tx: Transaction,
  id: string,
  faults: readonly LineFault[],
): Promise<void> {
  if (faults.length === 0) return;
  await tx.run(insertErrors, {
    id,
    lines: faults.map(({ line }) => line),
    positions: faults.map((_, index) => index),
    columns: faults.map(({ column }) => column),
    values: faults.map(({ value }) => value),
    codes: faults.map(({ code }) => code),
    reasons: faults.map(({ reason }) => reason),
  });
}

const insertRejects = sql(
  { id: t.uuid, lines: t.array(t.int4), rows: t.array(t.text) },
  {},
  { name: 'invoicing.insert_import_rejects' },
)`
  insert into invoicing.import_reject (import_id, line, fields)
  select ${'id'}, line, array(select jsonb_array_elements_text(fields::jsonb))
  from unnest(${'lines'}::int[], ${'rows'}::text[]) as r (line, fields)
  on conflict do nothing`;

export async function insertImportRejects(
  tx: Transaction,
  id: string,
  rows: readonly SourceRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.run(insertRejects, {
    id,
    lines: rows.map(({ line }) => line),
    rows: rows.map(({ fields }) => JSON.stringify(fields)),
  });
}

const errorColumns = {
  line: t.int4,
  column: t.text,
  value: t.text,
  code: t.text,
  reason: t.text,
};
export const errorsOf = sql({ id: t.uuid }, errorColumns, { name: 'invoicing.import_errors' })`
  select line, column_name as "column", value, code, reason from invoicing.import_error
  where import_id = ${'id'} order by line, position`;
const firstErrorsOf = sql({ id: t.uuid, rowsMax: t.int4 }, errorColumns, {
  name: 'invoicing.first_import_errors',
})`
  select line, column_name as "column", value, code, reason from invoicing.import_error
  where import_id = ${'id'} order by line, position limit ${'rowsMax'}`;
export const rejectsOf = sql(
  { id: t.uuid },
  { line: t.int4, fields: t.array(t.text) },
  { name: 'invoicing.import_rejects' },
)`
  select line, fields from invoicing.import_reject where import_id = ${'id'} order by line`;

export function findErrors(reader: Reader, id: string, rowsMax: number) {
  return reader.many(firstErrorsOf, { id, rowsMax });
}
