import { Problem, type Ctx } from '@plinth/core';
import type { z } from '@plinth/core/z';

import type { importError, importOutput } from './import-shapes.ts';
import {
  errorsOf,
  findErrors,
  findImport,
  findImports,
  rejectsOf,
  type ImportRow,
} from './import-table.ts';
import type { InvoicingNeeds } from './needs.ts';

export type ImportOutput = z.output<typeof importOutput>;
type ImportError = z.output<typeof importError>;

const errorsShown = 200;

export function unknownImport(id: string): Problem {
  return new Problem(`There is no import ${id}.`, {
    code: 'invoicing.unknown_import',
    kind: 'notFound',
  });
}

export function toImport(row: ImportRow, errors: readonly ImportError[]): ImportOutput {
  const { rows, badRows, documents, creditNotes, known, newCustomers } = row;
  return {
    id: row.id,
    fileName: row.fileName,
    bytes: row.bytes,
    state: row.state,
    header: [...row.header],
    preview: row.preview,
    suggested: row.suggested,
    settings: row.settings,
    jobId: row.jobId,
    counts: { rows, badRows, documents, creditNotes, known, newCustomers },
    failure: row.failure,
    errors: [...errors],
    createdAt: row.createdAt,
    finishedAt: row.finishedAt,
  };
}

/** @throws {Problem} `invoicing.unknown_import` */
export async function getImport(
  { database, jobs }: Pick<InvoicingNeeds, 'database' | 'jobs'>,
  ctx: Ctx,
  id: string,
): Promise<ImportOutput> {
  const { row, errors } = await database.read(ctx, async (reader) => ({
    row: await findImport(reader, id),
    errors: await findErrors(reader, id, errorsShown),
  }));
  if (row === undefined) throw unknownImport(id);
  const output = toImport(row, errors);
  if (row.state !== 'running' || row.jobId === null) return output;
  const job = await jobs.get(ctx, row.jobId);
  if (job?.state !== 'dead' && job?.state !== 'cancelled') return output;
  const failure = job.error?.message ?? 'It was cancelled; what was booked stays.';
  return { ...output, state: 'failed', failure };
}

export async function listImports(
  { database }: Pick<InvoicingNeeds, 'database'>,
  ctx: Ctx,
  rowsMax: number,
): Promise<ImportOutput[]> {
  const rows = await database.read(ctx, (reader) => findImports(reader, rowsMax));
  return rows.map((row) => toImport(row, []));
}

/** @throws {Problem} `invoicing.unknown_import` */
export async function* exportErrors(
  { database }: Pick<InvoicingNeeds, 'database'>,
  ctx: Ctx,
  id: string,
): AsyncGenerator<ImportError> {
  await requireImport(database, ctx, id);
  for await (const rows of database.stream(ctx, errorsOf, { id })) yield* rows;
}

/** Under the file's own header, so that the mended rows can be sent as they are. */
export async function* exportRejects(
  { database }: Pick<InvoicingNeeds, 'database'>,
  ctx: Ctx,
  id: string,
): AsyncGenerator<Record<string, string>> {
  const { header } = await requireImport(database, ctx, id);
  const titles = uniqueTitles(header);
  for await (const rows of database.stream(ctx, rejectsOf, { id })) {
    for (const { fields } of rows) {
      yield Object.fromEntries(titles.map((title, index) => [title, fields[index] ?? '']));
    }
  }
}

async function requireImport(
  database: InvoicingNeeds['database'],
  ctx: Ctx,
  id: string,
): Promise<ImportRow> {
  const row = await database.read(ctx, (reader) => findImport(reader, id));
  if (row === undefined) throw unknownImport(id);
  return row;
}

function uniqueTitles(header: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return header.map((title) => {
    const count = (seen.get(title) ?? 0) + 1;
    seen.set(title, count);
    return count === 1 ? title : `${title} (${count})`;
  });
}
