import { toVersion } from '@plinth/contract';
import { Problem } from '@plinth/core';
import { parseCsv, type CsvRecord } from '@plinth/core/csv';
import { z } from '@plinth/core/z';
import type { JobContext, JobContract } from '@plinth/jobs';
import type { Transaction } from '@plinth/postgres';

import { customers } from './contract.ts';
import { toLists } from './create-customer.ts';
import {
  changesBetween,
  emptyFields,
  merge,
  type Customer,
  type CustomerFields,
  type Patch,
} from './customer.ts';
import { insertCustomers, lockCustomersByNumber, saveCustomers } from './customers-table.ts';
import { parseRow, type Cells, type Defaults, type Mapping, type RowFault } from './import-row.ts';
import { addProgress, importById, insertRejects, saveFinished } from './imports-table.ts';
import type { CustomersNeeds } from './needs.ts';
import { importFields } from './shapes.ts';
import { toSeparator } from './upload-import.ts';

export const importCustomersJob: JobContract<{ importId: string }> = {
  name: 'customers.import-file',
  input: z.object({ importId: z.string() }),
  timeoutMs: 900_000,
};
const attemptsMax = 5;
const batchRowsMax = 500;

interface Run {
  readonly needs: CustomersNeeds;
  readonly x: JobContext;
  readonly importId: string;
  readonly mapping: Mapping;
  readonly defaults: Defaults;
  /** Header name → index of its column. */
  readonly columns: ReadonlyMap<string, number>;
}

/**
 * Imports a file, 500 rows a transaction. How far it is stands beside what it did, in the same commit: an
 * attempt that follows a crash goes on there, and no row is taken twice.
 */
export async function runImport(
  needs: CustomersNeeds,
  x: JobContext,
  importId: string,
): Promise<void> {
  const found = await needs.database.one(x.ctx, importById, { id: importId });
  if (found.state !== 'running') return;
  const columns = new Map(found.header.map((name, index) => [name, index]));
  const run: Run = {
    needs,
    x,
    importId,
    mapping: found.mapping,
    defaults: found.defaults,
    columns,
  };
  try {
    const { body, bytes } = await needs.blobs.open(found.blob);
    const separator = toSeparator(found.separator);
    await importRecords(
      run,
      parseCsv(counted(body, bytes, x), { separator, encoding: found.encoding }),
      found.rowsRead,
    );
  } catch (error) {
    const { kind, message } = Problem.from(error);
    const isFinal = kind === 'unprocessable' || kind === 'notFound' || x.attempt >= attemptsMax;
    if (x.signal.aborted || !isFinal) throw error;
    await finish(run, 'failed', message.slice(0, 500));
    return;
  }
  await finish(run, 'done', null);
}

/** @param done records behind the header that an earlier attempt has taken. */
async function importRecords(
  run: Run,
  batches: AsyncIterable<CsvRecord[]>,
  done: number,
): Promise<void> {
  let toSkip = done + 1; // and the header
  let waiting: CsvRecord[] = [];
  for await (const records of batches) {
    const fresh = records.slice(toSkip);
    toSkip -= records.length - fresh.length;
    waiting.push(...fresh);
    while (waiting.length >= batchRowsMax) {
      await importBatch(run, waiting.slice(0, batchRowsMax));
      waiting = waiting.slice(batchRowsMax);
    }
  }
  if (waiting.length > 0) await importBatch(run, waiting);
}

interface Wanted {
  readonly number: string;
  readonly patch: Patch<CustomerFields>;
}
interface Reject {
  readonly line: number;
  readonly fault: RowFault;
  readonly cells: Cells;
}

async function importBatch(run: Run, records: readonly CsvRecord[]): Promise<void> {
  const rejects: Reject[] = [];
  // A number twice in one batch: the later row wins, as it does across batches.
  const wanted = new Map<string, Wanted>();
  for (const record of records) {
    const cells = cellsOf(run, record);
    const row =
      record.fault === undefined ? parseRow(cells, run.defaults) : { fault: broken(record) };
    if ('fault' in row) rejects.push({ line: record.line, fault: row.fault, cells });
    else
      wanted.set(row.number, { ...row, patch: { ...wanted.get(row.number)?.patch, ...row.patch } });
  }
  await run.x.tx(async (tx) => {
    const counts = await upsert(run, tx, wanted);
    if (rejects.length > 0) await tx.run(insertRejects, toRejectLists(run, rejects));
    const rejected = rejects.length;
    await tx.run(addProgress, { id: run.importId, rows: records.length, ...counts, rejected });
  });
}

async function upsert(run: Run, tx: Transaction, wanted: ReadonlyMap<string, Wanted>) {
  const { needs } = run;
  const now = new Date(needs.clock.now()).toISOString();
  const known = await tx.many(lockCustomersByNumber, { numbers: [...wanted.keys()] });
  const before = new Map(known.map((row) => [row.number, row]));
  const fresh = [...wanted.values()].flatMap(({ number, patch }) => {
    const { name, country, currency } = patch;
    if (before.has(number) || name === undefined) return [];
    if (country === undefined || currency === undefined) return [];
    const fields = merge({ ...emptyFields, name, country, currency }, patch);
    return [{ ...fields, id: needs.newId(), number }];
  });
  const made = fresh.length === 0 ? [] : await tx.many(insertCustomers, toLists(fresh, now));
  const nameOf = new Map(fresh.map(({ number, name }) => [number, name]));
  for (const { id, number } of made) {
    const name = nameOf.get(number) ?? number;
    const body = { customerId: id, number, name, version: toVersion(1) };
    needs.messaging.outbox.publish(tx, customers.events.customerCreated, body);
  }
  const changed = await saveChanged(run, tx, known, { wanted, now });
  const unchanged = wanted.size - made.length - changed;
  return { created: made.length, changed, unchanged };
}

async function saveChanged(
  { needs }: Run,
  tx: Transaction,
  known: readonly Customer[],
  { wanted, now }: { readonly wanted: ReadonlyMap<string, Wanted>; readonly now: string },
): Promise<number> {
  const altered = known.flatMap((before) => {
    const after = merge(before, wanted.get(before.number)?.patch ?? {});
    const changes = changesBetween(before, after);
    return changes.length === 0 ? [] : [{ after, changes }];
  });
  if (altered.length === 0) return 0;
  await tx.run(
    saveCustomers,
    toLists(
      altered.map(({ after }) => after),
      now,
    ),
  );
  for (const { after, changes } of altered) {
    needs.messaging.outbox.publish(tx, customers.events.customerChanged, {
      customerId: after.id,
      number: after.number,
      version: toVersion(after.version + 1),
      changes,
    });
  }
  return altered.length;
}

async function finish(
  { needs, x, importId }: Run,
  state: 'done' | 'failed',
  reason: string | null,
): Promise<void> {
  const now = new Date(needs.clock.now()).toISOString();
  await x.finish(async (tx) => {
    const end = await tx.one(saveFinished, { id: importId, state, reason, now });
    needs.messaging.outbox.publish(tx, customers.events.importFinished, {
      importId,
      fileName: end.fileName,
      startedBy: end.startedBy,
      created: end.created,
      changed: end.changed,
      rejected: end.rejected,
      failed: state === 'failed',
    });
  });
}

function cellsOf({ mapping, columns }: Run, { fields }: CsvRecord): Cells {
  const cells: Partial<Record<(typeof importFields)[number], string>> = {};
  for (const field of importFields) {
    const index = columns.get(mapping[field] ?? '');
    if (index !== undefined) cells[field] = clean(fields[index] ?? '');
  }
  return cells;
}

/** What the database cannot hold never gets there. */
function clean(cell: string): string {
  return cell.replaceAll('\0', '').toWellFormed();
}

function broken({ fault }: CsvRecord): RowFault {
  const reason =
    fault === 'unterminated_quote'
      ? 'A quotation mark opens here and nothing closes it.'
      : 'The row is too long.';
  return { field: '', code: 'customers.broken_row', reason };
}

function toRejectLists({ importId, mapping }: Run, rejects: readonly Reject[]) {
  return {
    importId,
    lines: rejects.map(({ line }) => line),
    fields: rejects.map(({ fault }) => fault.field),
    headers: rejects.map(({ fault }) =>
      fault.field === '' ? '' : (mapping[fault.field] ?? fault.field),
    ),
    codes: rejects.map(({ fault }) => fault.code),
    reasons: rejects.map(({ fault }) => fault.reason),
    cells: rejects.map(({ cells }) => cells),
  };
}

/** Reports the share of the bytes that were read. */
async function* counted(
  body: AsyncIterable<unknown>,
  bytes: number,
  x: JobContext,
): AsyncIterable<Uint8Array> {
  let read = 0;
  for await (const chunk of body) {
    x.signal.throwIfAborted();
    const part = chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk));
    yield part;
    read += part.length;
    x.progress(bytes === 0 ? 1 : read / bytes);
  }
}
