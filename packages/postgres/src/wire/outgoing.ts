import { serialize } from 'pg-protocol';

const pieceBytes = 65_536;
const sync = serialize.sync();
const bindCode = 66;
/** Execute of the unnamed portal, all rows. */
const executeAll = serialize.execute();
/** Format codes of a Bind's results: one for all, text. */
const textResults = Buffer.from([0, 1, 0, 0]);

/**
 * The messages of one tick, one behind the other in one buffer, so that they leave in one write. Bind, the
 * message of every statement, is written here; the others are pg-protocol's.
 */
export class Outgoing {
  #buffer = Buffer.allocUnsafe(pieceBytes);
  #start = 0;
  #end = 0;

  get isEmpty(): boolean {
    return this.#start === this.#end;
  }

  /** What was added since the last call. */
  take(): Buffer {
    const taken = this.#buffer.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return taken;
  }

  add(message: Buffer): void {
    this.#reserve(message.length);
    this.#end += message.copy(this.#buffer, this.#end);
  }

  sync(): void {
    this.add(sync);
  }

  executeAll(): void {
    this.add(executeAll);
  }

  /** Bind to a portal, with every value as text; its length is known when all is written. */
  bind(portal: string, statement: string, values: readonly (string | null)[]): void {
    let charactersCount = portal.length + statement.length;
    for (const value of values) charactersCount += value === null ? 4 : 4 + value.length * 3;
    this.#reserve(charactersCount + 17);
    const startsAt = this.#end;
    this.#end += 5;
    this.#buffer[startsAt] = bindCode;
    this.#text(portal);
    this.#text(statement);
    // No format codes for parameters: all are text.
    this.#int16(0);
    this.#int16(values.length);
    for (const value of values) this.#value(value);
    this.#end += textResults.copy(this.#buffer, this.#end);
    this.#buffer.writeInt32BE(this.#end - startsAt - 1, startsAt + 1);
  }

  #value(value: string | null): void {
    if (value === null) {
      this.#int32(-1);
      return;
    }
    const length = this.#buffer.write(value, this.#end + 4);
    this.#int32(length);
    this.#end += length;
  }

  #text(text: string): void {
    this.#end += this.#buffer.write(text, this.#end);
    this.#buffer[this.#end] = 0;
    this.#end += 1;
  }

  #int16(value: number): void {
    this.#end = this.#buffer.writeUInt16BE(value, this.#end);
  }

  #int32(value: number): void {
    this.#end = this.#buffer.writeInt32BE(value, this.#end);
  }

  /** What was taken belongs to the socket until it is sent, so its bytes are never written again. */
  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    const waiting = this.#buffer.subarray(this.#start, this.#end);
    const next = Buffer.allocUnsafe(Math.max(pieceBytes, (waiting.length + bytes) * 2));
    waiting.copy(next);
    this.#buffer = next;
    this.#start = 0;
    this.#end = waiting.length;
  }
}
