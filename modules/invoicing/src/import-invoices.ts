import { Problem, type Ctx } from '@plinth/core';
import { detectEncoding, detectSeparator, parseCsv } from '@plinth/core/csv';
import { z } from '@plinth/core/z';
import type { JobContext, JobContract } from '@plinth/jobs';

import { bookChunk, checkChunk, type Run } from './book-chunk.ts';
import { invoicing } from './contract.ts';
import { requireColumns } from './import-columns.ts';
import type { ImportSettings, Plan } from './import-document.ts';
import { suggestMapping } from './import-fields.ts';
import { readChunks } from './import-file.ts';
import {
  beginImport,
  endImport,
  findImport,
  insertImport,
  lockImport,
  type ImportRow,
} from './import-table.ts';
import { toImport, unknownImport, type ImportOutput } from './import-wire.ts';
import { instantOf, type InvoicingNeeds } from './needs.ts';
import { conflict, refused } from './problems.ts';

const headBytes = 65_536;
const previewRows = 20;
const progressShare = 0.98;

const importInput = z.object({ importId: z.string(), mode: z.enum(['check', 'book']) });
const importResult = z.object({ documents: z.int(), known: z.int(), badRows: z.int() });
type ImportInput = z.output<typeof importInput>;
type ImportResult = z.output<typeof importResult>;

const importJob: JobContract<ImportInput, ImportResult> = {
  name: 'invoicing.import',
  input: importInput,
  result: importResult,
  attempts: 3,
  timeoutMs: 3_600_000,
  unique: { key: ({ importId }) => importId, scope: 'active', onConflict: 'error' },
};

export function defineImport(needs: InvoicingNeeds): void {
  needs.jobs.define(importJob, (input, x) => importInvoices(needs, x, input));
}

/** Looks at a stored file: its first rows and the mapping that fits. @throws {Problem} `invoicing.not_csv`. */
export async function uploadImport(
  needs: InvoicingNeeds,
  ctx: Ctx,
  { blob, fileName }: { readonly blob: string; readonly fileName: string },
): Promise<ImportOutput> {
  if (!blob.startsWith(`${ctx.tenant}/`)) throw notCsv('There is no such file.');
  const { bytes, body } = await needs.blobs.open(blob, { first: 0, last: headBytes - 1 });
  const head = Buffer.concat(await Array.fromAsync<Uint8Array>(body));
  const encoding = detectEncoding(head);
  const text = new TextDecoder(encoding).decode(head);
  const separator = detectSeparator(text);
  const records = [];
  for await (const batch of parseCsv([head], { separator, encoding: encoding }))
    records.push(...batch);
  // The last row of the head may be cut.
  const whole = bytes > headBytes ? records.slice(0, -1) : records;
  const [header, ...rows] = whole.map(({ fields }) => [...fields]);
  if (header === undefined || header.length < 2) {
    throw notCsv('The file has no header with several columns.');
  }
  return needs.database.write(ctx, async (tx) => {
    const row = await insertImport(tx, {
      id: needs.newId(),
      fileName,
      blob,
      bytes,
      header,
      preview: rows.slice(0, previewRows),
      separator,
      encoding,
      suggested: suggestMapping(header),
      now: instantOf(needs),
    });
    return toImport(row, []);
  });
}

/** @throws {Problem} `invoicing.unknown_import`, `invoicing.import_running`, `invoicing.columns_missing`. */
export async function runImport(
  needs: InvoicingNeeds,
  ctx: Ctx,
  { id, mode, settings }: { id: string; mode: 'check' | 'book'; settings: ImportSettings },
): Promise<ImportOutput> {
  return needs.database.write(ctx, async (tx) => {
    const row = await lockImport(tx, id);
    if (row === undefined) throw unknownImport(id);
    requireColumns(settings.mapping, row.header, settings.columns ?? {});
    if (row.state === 'running' && (await isAlive(needs, ctx, row.jobId))) {
      throw conflict('invoicing.import_running', 'The import is running already.');
    }
    const { id: jobId } = await needs.jobs.enqueue(tx, importJob, { importId: id, mode });
    return toImport(await beginImport(tx, { id, jobId, settings }), []);
  });
}

async function isAlive({ jobs }: InvoicingNeeds, ctx: Ctx, jobId: string | null): Promise<boolean> {
  const job = jobId === null ? undefined : await jobs.get(ctx, jobId);
  return job !== undefined && ['scheduled', 'ready', 'running'].includes(job.state);
}

/**
 * Reads the file once, in constant memory, and books it in transactions of up to 2,000 documents. A number that
 * was imported before books nothing, so that the same file twice books nothing twice; an attempt that was
 * interrupted goes on behind its last chunk.
 */
async function importInvoices(
  needs: InvoicingNeeds,
  x: JobContext,
  { importId, mode }: ImportInput,
): Promise<ImportResult> {
  const row = await needs.database.read(x.ctx, (reader) => findImport(reader, importId));
  if (row === undefined || row.settings === null) throw unknownImport(importId);
  try {
    await readAll(needs, x, { ...row, settings: row.settings }, mode);
  } catch (error) {
    const { kind, message } = Problem.from(error);
    // The file itself is at fault: another attempt would find the same.
    if (kind !== 'unprocessable' && kind !== 'notFound') throw error;
    return finish(needs, x, row, { state: 'failed', failure: message });
  }
  return finish(needs, x, row, { state: mode === 'check' ? 'checked' : 'done', failure: null });
}

async function readAll(
  needs: InvoicingNeeds,
  x: JobContext,
  row: ImportRow & { readonly settings: ImportSettings },
  mode: 'check' | 'book',
): Promise<void> {
  const { settings, header, separator, encoding } = row;
  const columns = requireColumns(settings.mapping, header, settings.columns ?? {});
  const plan: Plan = { settings, header, columns };
  const { today } = await needs.calendar(x.ctx);
  const run: Run = { id: row.id, settings, today, customers: new Map() };
  const { body } = await needs.blobs.open(row.blob);
  let bytesRead = 0;
  const counted = async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const bytes of body as AsyncIterable<Uint8Array>) {
      bytesRead += bytes.length;
      yield bytes;
    }
  };
  let rowsRead = 0;
  for await (const chunk of readChunks(parseCsv(counted(), { separator, encoding }), plan)) {
    x.signal.throwIfAborted();
    rowsRead += chunk.rowCount;
    // Counted and booked by an attempt before this one.
    if (chunk.lastLine <= row.doneLine) continue;
    if (mode === 'book') await bookChunk(needs, x, run, chunk);
    else await checkChunk(x, run, chunk);
    const fraction = (progressShare * bytesRead) / Math.max(1, row.bytes);
    x.progress(fraction, `${rowsRead} rows`);
  }
}

async function finish(
  needs: InvoicingNeeds,
  x: JobContext,
  { id, fileName }: ImportRow,
  outcome: { state: 'checked' | 'done' | 'failed'; failure: string | null },
): Promise<ImportResult> {
  return x.finish(async (tx) => {
    const ended = await endImport(tx, { id, ...outcome, now: instantOf(needs) });
    const { documents, creditNotes, known, badRows } = ended;
    if (outcome.state === 'done') {
      const counts = { documents, creditNotes, known, badRows };
      const body = { importId: id, fileName, ...counts };
      needs.messaging.outbox.publish(tx, invoicing.events.importFinished, body);
    }
    return { documents, known, badRows };
  });
}

function notCsv(message: string): Problem {
  return refused('invoicing.not_csv', message);
}
