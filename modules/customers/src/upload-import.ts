import { Problem, type Ctx } from '@plinth/core';
import {
  createCsvParser,
  detectEncoding,
  detectSeparator,
  type CsvSeparator,
} from '@plinth/core/csv';

import { guessMapping } from './import-row.ts';
import { insertImport } from './imports-table.ts';
import type { CustomersNeeds } from './needs.ts';

const headBytesMax = 65_536;
const sampleRowsMax = 20;
const columnsMax = 100;
const headerCharactersMax = 200;
const cellCharactersMax = 200;

/**
 * Looks at a file that was uploaded: its encoding, separator, header and first rows.
 *
 * @throws {Problem} `customers.unreadable_file` for one without a header of at least two columns.
 */
export async function uploadImport(
  needs: CustomersNeeds,
  ctx: Ctx,
  { blob, fileName }: { readonly blob: string; readonly fileName: string },
): Promise<string> {
  const { body } = await needs.blobs.open(blob, { first: 0, last: headBytesMax - 1 });
  const bytes = Buffer.concat(await Array.fromAsync(body, toBytes));
  const encoding = detectEncoding(bytes);
  const text = new TextDecoder(encoding).decode(bytes);
  const separator = detectSeparator(text);
  // The last record of the head may be cut: only whole ones are given.
  const parser = createCsvParser(separator);
  const records =
    bytes.length < headBytesMax ? [...parser.push(text), ...parser.end()] : parser.push(text);
  const [first, ...rest] = records;
  const header = (first?.fields ?? []).map((name) => name.trim().slice(0, headerCharactersMax));
  if (header.length < 2 || header.length > columnsMax) throw unreadable();

  const id = needs.newId();
  await needs.database.write(ctx, (tx) =>
    tx.run(insertImport, {
      id,
      blob,
      fileName,
      encoding,
      separator: separator === '\t' ? 'tab' : separator,
      header,
      sample: rest
        .slice(0, sampleRowsMax)
        .map(({ fields }) => fields.map((cell) => cell.slice(0, cellCharactersMax))),
      mapping: guessMapping(header),
      now: new Date(needs.clock.now()).toISOString(),
    }),
  );
  return id;
}

function toBytes(chunk: unknown): Uint8Array {
  return chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk));
}

function unreadable(): Problem {
  return new Problem('The file is no CSV: its first line must name at least two columns.', {
    code: 'customers.unreadable_file',
    kind: 'unprocessable',
  });
}

export function toSeparator(separator: ',' | ';' | 'tab'): CsvSeparator {
  return separator === 'tab' ? '\t' : separator;
}
