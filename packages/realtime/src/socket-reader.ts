import { opcodes } from './socket-frames.ts';

/** What a client's frames say. */
export interface SocketEars {
  text(message: string): void;
  ping(payload: Buffer): void;
  pong(): void;
  /** The other side closes; the code is to be answered with. */
  close(code: number): void;
  /** It breaks the protocol: to be closed with this code of RFC 6455, section 7.4. */
  fault(code: 1002 | 1003 | 1007 | 1009): void;
}

interface Head {
  readonly isLast: boolean;
  readonly opcode: number;
  readonly length: number;
  /** Where the mask begins. */
  readonly maskAt: number;
}

const messageBytesMax = 16_384;
const controlBytesMax = 125;
const maskBytes = 4;
const normalClosure = 1000;
const nothing = Buffer.alloc(0);
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Takes a client's bytes apart as they come (RFC 6455, section 5). Holds one message of 16 KiB at most. */
export class SocketReader {
  readonly #ears: SocketEars;
  /** The beginning of a frame whose rest has not come. */
  #held = nothing;
  /** The pieces of a message that is not whole yet. */
  #pieces: Buffer[] | undefined;
  #isOver = false;

  constructor(ears: SocketEars) {
    this.#ears = ears;
  }

  push(chunk: Buffer): void {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    while (!this.#isOver) {
      const head = readHead(rest);
      if (head === undefined) break;
      const fault = typeof head === 'number' ? head : this.#refusal(head);
      if (fault !== undefined || typeof head === 'number') {
        this.#fail(fault ?? 1002);
        return;
      }
      const dataAt = head.maskAt + maskBytes;
      if (rest.length < dataAt + head.length) break;
      this.#take(head, unmask(rest, head));
      rest = rest.subarray(dataAt + head.length);
    }
    // Of its own: a part would keep the whole chunk that it was cut from.
    this.#held = rest.length === 0 || this.#isOver ? nothing : Buffer.from(rest);
  }

  #refusal({ opcode, isLast, length }: Head): 1002 | 1003 | 1009 | undefined {
    if (opcode >= opcodes.close) {
      const isKnown = opcode <= opcodes.pong;
      return isKnown && isLast && length <= controlBytesMax ? undefined : 1002;
    }
    if (opcode === opcodes.binary) return 1003;
    if (opcode > opcodes.binary) return 1002;
    const isContinued = opcode === opcodes.more;
    if (isContinued !== (this.#pieces !== undefined)) return 1002;
    return isTooMuch(this.#pieces ?? [], length) ? 1009 : undefined;
  }

  #take({ opcode, isLast }: Head, payload: Buffer): void {
    if (opcode === opcodes.ping) this.#ears.ping(payload);
    else if (opcode === opcodes.pong) this.#ears.pong();
    else if (opcode === opcodes.close) this.#close(payload);
    else {
      this.#pieces ??= [];
      this.#pieces.push(payload);
      if (!isLast) return;
      const message = decode(Buffer.concat(this.#pieces));
      this.#pieces = undefined;
      if (message === undefined) this.#fail(1007);
      else this.#ears.text(message);
    }
  }

  #close(payload: Buffer): void {
    if (payload.length === 1) return this.#fail(1002);
    const code = payload.length === 0 ? normalClosure : payload.readUInt16BE();
    if (!isSendable(code)) return this.#fail(1002);
    if (decode(payload.subarray(2)) === undefined) return this.#fail(1007);
    this.#isOver = true;
    this.#ears.close(code);
  }

  #fail(code: 1002 | 1003 | 1007 | 1009): void {
    this.#isOver = true;
    this.#held = nothing;
    this.#ears.fault(code);
  }
}

/** So that empty pieces without end hold nothing either. */
const piecesMax = 1_024;

function isTooMuch(pieces: readonly Buffer[], length: number): boolean {
  const before = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return before + length > messageBytesMax || pieces.length >= piecesMax;
}

/** Undefined: not all of it is here. A number: what is wrong with it. */
function readHead(bytes: Buffer): Head | 1002 | 1009 | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const hasReserved = (first & 0x70) !== 0;
  const isMasked = (second & 0x80) !== 0;
  if (hasReserved || !isMasked) return 1002;
  const isLast = (first & 0x80) !== 0;
  const opcode = first & 0x0f;
  const short = second & 0x7f;
  if (short < 126) return { isLast, opcode, length: short, maskAt: 2 };
  // A control frame is short by its nature; told before its long length is waited for.
  if (opcode >= opcodes.close) return 1002;
  if (short === 126) {
    if (bytes.length < 4) return undefined;
    return { isLast, opcode, length: bytes.readUInt16BE(2), maskAt: 4 };
  }
  if (bytes.length < 10) return undefined;
  const length = bytes.readBigUInt64BE(2);
  if (length >= 2n ** 63n) return 1002;
  return length > BigInt(messageBytesMax)
    ? 1009
    : { isLast, opcode, length: Number(length), maskAt: 10 };
}

function unmask(bytes: Buffer, { maskAt, length }: Head): Buffer {
  const dataAt = maskAt + maskBytes;
  const payload = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at += 1) {
    payload[at] = (bytes[dataAt + at] ?? 0) ^ (bytes[maskAt + (at & 3)] ?? 0);
  }
  return payload;
}

function decode(bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** RFC 6455, section 7.4, and the registry of close codes. */
function isSendable(code: number): boolean {
  const isOfProtocol = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
  return isOfProtocol || (code >= 3000 && code <= 4999);
}
