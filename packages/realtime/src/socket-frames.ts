import type { Entry } from './ring.ts';
import type { Word } from './wire.ts';

/** RFC 6455, section 5.2; what a server sends is not masked. */
export const opcodes = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const lastFrame = 0x80;
const shortMax = 125;
const wordMax = 65_535;
const longHead = 10;
/** What stands before a message's array in its block of server-sent events. */
const dataWord = 'data: '.length;

/** A whole message in one frame. */
export function socketFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const headBytes = length <= shortMax ? 2 : length <= wordMax ? 4 : longHead;
  const frame = Buffer.allocUnsafe(headBytes + length);
  frame[0] = lastFrame | opcode;
  if (headBytes === 2) frame[1] = length;
  else if (headBytes === longHead) {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  } else {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  }
  payload.copy(frame, headBytes);
  return frame;
}

export function wordFrame({ name, data, cursor, problem }: Word): Buffer {
  const more = cursor ?? problem;
  const words = more === undefined ? [name, data] : [name, data, more];
  return socketFrame(opcodes.text, Buffer.from(JSON.stringify(words)));
}

export function closeFrame(code: number): Buffer {
  const payload = Buffer.allocUnsafe(2);
  payload.writeUInt16BE(code);
  return socketFrame(opcodes.close, payload);
}

/** A ping for what stands between, and a word for the page, which hears of no pings. */
export const beatFrame = Buffer.concat([
  socketFrame(opcodes.ping, Buffer.alloc(0)),
  socketFrame(opcodes.text, Buffer.from('["hb",1]')),
]);

let latest: { readonly entry: Entry; readonly bytes: Buffer } | undefined;

/** `["m", cursor, channel, message, position?]`: made once for all readers that get it one after the other. */
export function messageFrame(entry: Entry): Buffer {
  if (latest?.entry === entry) return latest.bytes;
  const { frame, dataAt } = entry;
  const cursor = dataAt === 0 ? '' : frame.toString('latin1', 'id: '.length, dataAt - 1);
  const rest = frame.subarray(dataAt + dataWord + 1, -2);
  const bytes = socketFrame(opcodes.text, Buffer.concat([Buffer.from(`["m","${cursor}",`), rest]));
  latest = { entry, bytes };
  return bytes;
}
