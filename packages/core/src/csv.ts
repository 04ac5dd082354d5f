import { Problem } from './problem.ts';

export type CsvSeparator = ',' | ';' | '\t';
export type CsvEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
export type CsvFault = 'unterminated_quote' | 'field_too_long' | 'record_too_long';

export interface CsvRecord {
  /** Of the file, from 1: where the record begins. */
  readonly line: number;
  /** Empty where there is a fault. */
  readonly fields: readonly string[];
  readonly fault?: CsvFault;
}

export interface CsvParser {
  /** The records that are whole by now; the rest comes with a later call, no later than `end`. */
  push(text: string): CsvRecord[];
  end(): CsvRecord[];
}

/** UTF-16 units, as JavaScript counts. */
const fieldLengthMax = 65_536;
const recordLengthMax = 1_048_576;
const fieldsMax = 1_000;
/** Each costs at most one record's length of reading again. */
const rewindsMax = 1_000;
const headBytesMax = 65_536;

const quote = 34;
const lineFeed = 10;
const carriageReturn = 13;

interface Scan {
  readonly separator: number;
  /** Nothing comes after `text`. */
  readonly isLast: boolean;
}
interface Field {
  readonly value: string;
  /** Index of the separator or line end behind it, or the text's length. */
  readonly end: number;
}
interface Broken {
  readonly fault: CsvFault;
  readonly quoted: boolean;
  /** How far it was read. */
  readonly end: number;
}
type Found =
  | { readonly fields: string[]; readonly end: number; readonly quoted: boolean }
  | Broken
  | 'more';

/**
 * RFC 4180, and what real files do beside it: any line end, a quote inside an unquoted field is a character,
 * text behind a closing quote belongs to the field, empty lines are none.
 *
 * A quote that nobody closes costs its own line, not the rest of the file: the record is given as a fault and
 * reading goes on behind its first line end
 * (1,000 times a file; then behind all that the record swallowed). A field has at most 65,536 characters, a record 1,048,576 in
 * 1,000 fields; beyond, it is a fault too.
 */
export function createCsvParser(separator: CsvSeparator = ','): CsvParser {
  let text = '';
  let line = 1;
  let rewinds = 0;
  /** Within a record that is left out: up to its line end. */
  let skipping = false;
  /** A record that was not whole is looked at again when the text has doubled: linear for any chunks. */
  let lookAgainAt = 0;

  function take(isLast: boolean): CsvRecord[] {
    const scan = { separator: separator.charCodeAt(0), isLast };
    const records: CsvRecord[] = [];
    let at = 0;
    const passTo = (end: number, quoted: boolean) => {
      line += quoted ? countLineEnds(text, at, end) : 1;
      at = end;
    };
    /** Behind its first line end if a quote may be at fault, else behind all that was read of it. */
    const passBroken = ({ quoted, end }: Broken) => {
      const firstEnd = quoted && rewinds < rewindsMax ? lineEndAfter(text, at, scan) : undefined;
      skipping = firstEnd === undefined;
      if (!skipping) rewinds += 1;
      passTo(firstEnd ?? end, true);
    };
    while (at < text.length) {
      if (skipping) {
        const end = lineEndAfter(text, at, scan);
        skipping = end === undefined;
        passTo(end ?? text.length, true);
        continue;
      }
      const found = scanRecord(text, at, scan);
      if (found === 'more') break;
      if ('fault' in found) {
        records.push({ line, fields: [], fault: found.fault });
        passBroken(found);
        continue;
      }
      if (!isBlank(found.fields, found.quoted)) records.push({ line, fields: found.fields });
      passTo(found.end, found.quoted);
    }
    text = text.slice(at);
    lookAgainAt = text.length * 2;
    return records;
  }

  return {
    push(chunk) {
      text += chunk;
      return text.length < lookAgainAt ? [] : take(false);
    },
    end: () => take(true),
  };
}

function scanRecord(text: string, from: number, scan: Scan): Found {
  const fields: string[] = [];
  let quoted = false;
  let at = from;
  for (;;) {
    const isQuoted = text.charCodeAt(at) === quote;
    quoted ||= isQuoted;
    const field = isQuoted ? scanQuoted(text, at, scan) : scanBare(text, at, scan);
    const fault = limitPassed(field, at - from, text.length - at, fields.length);
    if (fault !== undefined) return { fault, quoted, end: at };
    if (field === 'unterminated') {
      return { fault: 'unterminated_quote', quoted, end: text.length };
    }
    if (field === 'more') return 'more';
    fields.push(field.value);
    at = field.end;
    if (at === text.length || text.charCodeAt(at) !== scan.separator) break;
    at += 1;
  }
  const end = pastLineEnd(text, at, scan);
  return end === undefined ? 'more' : { fields, end, quoted };
}

type FieldFound = Field | 'more' | 'unterminated';

function limitPassed(
  field: FieldFound,
  before: number,
  left: number,
  count: number,
): CsvFault | undefined {
  const length = typeof field === 'string' ? left : field.value.length;
  if (length > fieldLengthMax) return 'field_too_long';
  return before + length > recordLengthMax || count === fieldsMax ? 'record_too_long' : undefined;
}

function scanBare(text: string, from: number, { separator, isLast }: Scan): Field | 'more' {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === separator || code === lineFeed || code === carriageReturn) {
      return { value: text.slice(from, at), end: at };
    }
  }
  return isLast ? { value: text.slice(from), end: text.length } : 'more';
}

function scanQuoted(text: string, open: number, scan: Scan): FieldFound {
  let value = '';
  let from = open + 1;
  for (;;) {
    const close = text.indexOf('"', from);
    if (close < 0) return scan.isLast ? 'unterminated' : 'more';
    if (close + 1 === text.length && !scan.isLast) return 'more';
    if (text.charCodeAt(close + 1) !== quote) {
      const rest = scanBare(text, close + 1, scan);
      if (rest === 'more') return rest;
      return { value: value + text.slice(from, close) + rest.value, end: rest.end };
    }
    value += text.slice(from, close + 1);
    from = close + 2;
  }
}

/** Undefined where a carriage return may be half of a line end. */
function pastLineEnd(text: string, at: number, { isLast }: Scan): number | undefined {
  if (at === text.length) return at;
  if (text.charCodeAt(at) === lineFeed) return at + 1;
  if (at + 1 === text.length && !isLast) return undefined;
  return text.charCodeAt(at + 1) === lineFeed ? at + 2 : at + 1;
}

function lineEndAfter(text: string, from: number, scan: Scan): number | undefined {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === lineFeed || code === carriageReturn) return pastLineEnd(text, at, scan);
  }
  return undefined;
}

function countLineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (code === lineFeed) count += 1;
    else if (code === carriageReturn && text.charCodeAt(at + 1) !== lineFeed) count += 1;
  }
  return count;
}

function isBlank(fields: readonly string[], quoted: boolean): boolean {
  return fields.length === 1 && fields[0] === '' && !quoted;
}

/**
 * A file's records, a chunk's at a time; nothing else of the file is held.
 *
 * @throws {Problem} `csv.bad_encoding` where the bytes are not what `encoding` says.
 */
export async function* parseCsv(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: { readonly separator?: CsvSeparator; readonly encoding?: CsvEncoding } = {},
): AsyncGenerator<CsvRecord[]> {
  const parser = createCsvParser(options.separator);
  const decoder = new TextDecoder(options.encoding ?? 'utf-8', { fatal: true });
  let bytesBefore = 0;
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (error) {
      throw new Problem(`The file is not in ${decoder.encoding} from byte ${bytesBefore} on.`, {
        code: 'csv.bad_encoding',
        kind: 'unprocessable',
        cause: error,
      });
    }
  };
  for await (const bytes of chunks) {
    const records = parser.push(decode(bytes));
    if (records.length > 0) yield records;
    bytesBefore += bytes.length;
  }
  const rest = [...parser.push(decode()), ...parser.end()];
  if (rest.length > 0) yield rest;
}

/** By its byte order mark; else UTF-8 if its first 64 KiB are, else what Excel saves in the west. */
export function detectEncoding(head: Uint8Array): CsvEncoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  try {
    // The last character may be cut: `stream` does not ask for its rest.
    new TextDecoder('utf-8', { fatal: true }).decode(head.subarray(0, headBytesMax), {
      stream: true,
    });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

/** The sign that splits the first lines into the most fields, the same number in each; `,` where none does. */
export function detectSeparator(head: string): CsvSeparator {
  let best: { separator: CsvSeparator; score: number } = { separator: ',', score: 0 };
  for (const separator of [',', ';', '\t'] as const) {
    const records = createCsvParser(separator).push(`${head}\n`).slice(0, 20);
    const width = records[0]?.fields.length ?? 1;
    const alike = records.filter(({ fields }) => fields.length === width).length;
    const score = (width - 1) * (alike / Math.max(1, records.length));
    if (score > best.score) best = { separator, score };
  }
  return best.separator;
}

/** One record with its line end (CRLF). */
export function formatCsvRecord(fields: readonly string[], separator: CsvSeparator = ','): string {
  return `${fields.map((field) => formatField(field, separator)).join(separator)}\r\n`;
}

function formatField(field: string, separator: CsvSeparator): string {
  const plain = !/["\r\n]|^\s|\s$/u.test(field) && !field.includes(separator);
  return plain ? field : `"${field.replaceAll('"', '""')}"`;
}

/** A text that a spreadsheet would take for a formula gets a leading apostrophe. */
export function safeCell(text: string): string {
  return /^[=+\-@\t\r]/u.test(text) ? `'${text}` : text;
}
