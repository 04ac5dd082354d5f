/** A whole HTTP/1.1 answer. */
export interface Answer {
  readonly status: number;
  /** Lower-case names; of a repeated header the last, but for `set-cookie`. */
  readonly headers: ReadonlyMap<string, string>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
  /** The server will close the connection. */
  readonly closes: boolean;
}

export type ReadResult = Answer | 'more' | 'protocol';

const headBytesMax = 65_536;
const bodyBytesMax = 64 * 1_048_576;
const headEnd = Buffer.from('\r\n\r\n');

/**
 * Reads the answers of one connection, one at a time (RFC 9112): content-length and chunked; anything else on a
 * kept connection is a fault of the protocol.
 */
export class HttpReader {
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** @param isHead the answer to HEAD has no body, whatever its headers say. */
  push(chunk: Buffer, isHead: boolean): ReadResult {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > bodyBytesMax) return 'protocol';
    const data = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    this.#chunks = [data];
    const end = data.indexOf(headEnd);
    if (end < 0) return data.length > headBytesMax ? 'protocol' : 'more';
    const head = parseHead(data.toString('latin1', 0, end));
    if (head === undefined) return 'protocol';
    if (head.status >= 100 && head.status < 200) {
      this.#reset(data.subarray(end + headEnd.length));
      return this.#bytes > 0 ? this.push(Buffer.alloc(0), isHead) : 'more';
    }
    return this.#readBody(data, end + headEnd.length, head, isHead);
  }

  #readBody(data: Buffer, start: number, head: Head, isHead: boolean): ReadResult {
    if (isHead || head.status === 204 || head.status === 304) {
      return this.#finish(data, start, head, Buffer.alloc(0));
    }
    if (head.headers.get('transfer-encoding') === 'chunked') {
      const parsed = parseChunks(data, start);
      if (parsed === 'more' || parsed === 'protocol') return parsed;
      return this.#finish(data, parsed.end, head, parsed.body);
    }
    const length = Number(head.headers.get('content-length') ?? Number.NaN);
    if (!Number.isSafeInteger(length) || length < 0) return 'protocol';
    if (data.length < start + length) return 'more';
    return this.#finish(data, start + length, head, data.subarray(start, start + length));
  }

  #finish(data: Buffer, end: number, head: Head, body: Buffer): ReadResult {
    // One request at a time: bytes behind the answer belong to nobody.
    if (data.length > end) return 'protocol';
    this.#reset(Buffer.alloc(0));
    return { ...head, body, closes: head.headers.get('connection') === 'close' };
  }

  #reset(rest: Buffer): void {
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#bytes = rest.length;
  }
}

interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly cookies: readonly string[];
}

function parseHead(text: string): Head | undefined {
  const [first = '', ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/u.exec(first)?.[1];
  if (status === undefined) return undefined;
  const headers = new Map<string, string>();
  const cookies: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) return undefined;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'set-cookie') cookies.push(value);
    else headers.set(name, value);
  }
  return { status: Number(status), headers, cookies };
}

function parseChunks(
  data: Buffer,
  start: number,
): { body: Buffer; end: number } | 'more' | 'protocol' {
  const parts: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = data.indexOf('\r\n', at);
    if (lineEnd < 0) return 'more';
    const sizeText = data.toString('latin1', at, lineEnd).split(';', 1)[0] ?? '';
    if (!/^[0-9a-fA-F]{1,8}$/u.test(sizeText)) return 'protocol';
    const size = Number.parseInt(sizeText, 16);
    const bodyStart = lineEnd + 2;
    if (size === 0) {
      const trailerEnd = data.indexOf('\r\n', bodyStart);
      if (trailerEnd < 0) return 'more';
      // Trailers are not asked for, so none come.
      return trailerEnd === bodyStart
        ? { body: Buffer.concat(parts), end: bodyStart + 2 }
        : 'protocol';
    }
    if (data.length < bodyStart + size + 2) return 'more';
    parts.push(data.subarray(bodyStart, bodyStart + size));
    at = bodyStart + size + 2;
  }
}
