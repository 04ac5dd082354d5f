import type { SeededId } from './ids.ts';

const word = 0x1_0000_0000;
const dayMs = 86_400_000;
/** Instants and days of PostgreSQL count from here. */
const epochMs = Date.UTC(2000, 0, 1);
/** No field is longer: texts of a seed are names and descriptions. */
const fieldBytesMax = 4_096;
const utf8BytesMax = 3;

/**
 * Rows in COPY's binary format: a count of fields, then each with its length, in network order. The server reads ids,
 * days and instants as they are, where text would be parsed.
 *
 * @see https://www.postgresql.org/docs/18/sql-copy.html
 */
export class CopyRows {
  readonly #fields: number;
  readonly #pieceBytes: number;
  #bytes: Buffer;
  #view: DataView;
  #end = 0;

  /** @param fields of each row. @param pieceBytes after which a piece is worth sending. */
  constructor(fields: number, pieceBytes: number) {
    this.#fields = fields;
    this.#pieceBytes = pieceBytes;
    this.#bytes = Buffer.allocUnsafeSlow(this.#sizeFor());
    this.#view = viewOf(this.#bytes);
    this.#end = this.#bytes.write('PGCOPY\n\xff\r\n\0', 'latin1');
    this.#int(0);
    this.#int(0);
  }

  #sizeFor(): number {
    return this.#pieceBytes + this.#fields * fieldBytesMax;
  }

  get isFull(): boolean {
    return this.#end >= this.#pieceBytes;
  }

  /** What was written since the last piece. */
  take(): Buffer {
    const piece = this.#bytes.subarray(0, this.#end);
    this.#bytes = Buffer.allocUnsafeSlow(this.#sizeFor());
    this.#view = viewOf(this.#bytes);
    this.#end = 0;
    return piece;
  }

  /** Begins a row, whose fields follow in the order of the columns. */
  row(): this {
    if (this.#end > this.#pieceBytes) this.#grow();
    this.#short(this.#fields);
    return this;
  }

  /** The mark behind the last row. */
  close(): void {
    this.#short(-1);
  }

  uuid({ a, b, c, d }: SeededId): this {
    this.#int(16);
    this.#int(a);
    this.#int(b);
    this.#int(c);
    this.#int(d);
    return this;
  }

  none(): this {
    this.#int(-1);
    return this;
  }

  bool(value: boolean): this {
    this.#int(1);
    this.#view.setInt8(this.#end, value ? 1 : 0);
    this.#end += 1;
    return this;
  }

  int4(value: number): this {
    this.#int(4);
    this.#int(value);
    return this;
  }

  /** @param value exact, below 2^53. */
  int8(value: number): this {
    const high = Math.floor(value / word);
    this.#int(8);
    this.#int(high);
    this.#int(value - high * word);
    return this;
  }

  day(ms: number): this {
    return this.int4(Math.floor((ms - epochMs) / dayMs));
  }

  instant(ms: number): this {
    return this.int8((ms - epochMs) * 1_000);
  }

  /** Most are short and plain: a call into native code costs more than their bytes. */
  text(value: string): this {
    const begin = this.#end + 4;
    if (value.length * utf8BytesMax > fieldBytesMax) throw new RangeError('A text is too long.');
    let at = begin;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 127) {
        at = begin + this.#bytes.write(value, begin);
        break;
      }
      this.#bytes[at] = code;
      at += 1;
    }
    this.#int(at - begin);
    this.#end = at;
    return this;
  }

  #int(value: number): void {
    this.#view.setInt32(this.#end, value);
    this.#end += 4;
  }

  #short(value: number): void {
    this.#view.setInt16(this.#end, value);
    this.#end += 2;
  }

  #grow(): void {
    if (this.#bytes.length - this.#end > this.#fields * fieldBytesMax) return;
    const bytes = Buffer.allocUnsafeSlow(this.#bytes.length * 2);
    this.#bytes.copy(bytes, 0, 0, this.#end);
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
