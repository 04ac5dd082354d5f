import type { CsvRecord } from '@plinth/core/csv';

import {
  readDocument,
  type LineFault,
  type Plan,
  type ReadDocument,
  type SourceRow,
} from './import-document.ts';

export interface Chunk {
  readonly documents: readonly ReadDocument[];
  readonly rowCount: number;
  /** Of the last row in it. */
  readonly lastLine: number;
}

const chunkDocumentsMax = 2_000;
const chunkRowsMax = 10_000;

const csvReasons = {
  unterminated_quote: 'has a quote that is never closed',
  field_too_long: 'has a field of more than 65,536 characters',
  record_too_long: 'is longer than 1,048,576 characters or has more than 1,000 fields',
} as const;

/** The file's documents in chunks of at most 2,000, or of 10,000 rows. One chunk is held at a time. */
export async function* readChunks(
  records: AsyncIterable<readonly CsvRecord[]>,
  plan: Plan,
): AsyncGenerator<Chunk> {
  let documents: ReadDocument[] = [];
  let rowCount = 0;
  let lastLine = 0;
  const seen = new Map<string, number>();
  for await (const rows of groupRows(records, plan)) {
    documents.push(read(rows, plan, seen));
    rowCount += rows.length;
    lastLine = rows.at(-1)?.line ?? lastLine;
    if (documents.length >= chunkDocumentsMax || rowCount >= chunkRowsMax) {
      yield { documents, rowCount, lastLine };
      documents = [];
      rowCount = 0;
    }
  }
  if (documents.length > 0) yield { documents, rowCount, lastLine };
}

/** Rows of one number that follow each other; with one row an invoice, each row by itself. */
async function* groupRows(
  records: AsyncIterable<readonly CsvRecord[]>,
  plan: Plan,
): AsyncGenerator<CsvRecord[]> {
  const byLine = plan.settings.mapping === 'line-rows';
  let group: CsvRecord[] = [];
  let isHeader = true;
  for await (const batch of records) {
    for (const record of batch) {
      if (isHeader) {
        isHeader = false;
        continue;
      }
      const [first] = group;
      const belongs =
        byLine && first !== undefined && numberOf(record, plan) === numberOf(first, plan);
      if (group.length > 0 && !belongs) {
        yield group;
        group = [];
      }
      group.push(record);
    }
  }
  if (group.length > 0) yield group;
}

function numberOf({ line, fields, fault }: CsvRecord, { columns }: Plan): string {
  const number = fields[columns.get('number') ?? -1]?.trim() ?? '';
  // A row without a number is nobody's but its own.
  return fault !== undefined || number === '' ? `\n${line}` : number;
}

function read(records: readonly CsvRecord[], plan: Plan, seen: Map<string, number>): ReadDocument {
  const rows: SourceRow[] = records.map(({ line, fields }) => ({ line, fields }));
  const broken = records.flatMap((record) => brokenRow(record, plan));
  if (broken.length > 0) return { faults: broken, rows };
  const [first] = records;
  const number = first === undefined ? '' : numberOf(first, plan);
  const line = first?.line ?? 0;
  const before = seen.get(number);
  if (before !== undefined) {
    const reason = `stands twice in this file: first in line ${before}`;
    const column = plan.header[plan.columns.get('number') ?? -1] ?? '';
    return { faults: [{ line, column, value: number, code: 'twice', reason }], rows };
  }
  seen.set(number, line);
  return readDocument(plan, rows);
}

function brokenRow({ line, fields, fault }: CsvRecord, { header }: Plan): LineFault[] {
  const whole = { line, column: '', value: '' };
  if (fault !== undefined) return [{ ...whole, code: fault, reason: csvReasons[fault] }];
  if (fields.length === header.length) return [];
  const reason = `has ${fields.length} fields, the header has ${header.length}`;
  return [{ ...whole, code: 'field_count', reason }];
}
