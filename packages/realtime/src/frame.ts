import type { Entry } from './ring.ts';

/** A block that is no message of a channel: `hello`, `reset`, `deny`, `renew`, `bye`. */
export function eventFrame(event: string, data: unknown, id?: string): Buffer {
  const head = id === undefined ? '' : `id: ${id}\n`;
  return Buffer.from(`${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** The comment keeps proxies open; the event tells the page, which hears neither of comments nor of empty data. */
export const heartbeatFrame = Buffer.from(': hb\nevent: hb\ndata: 1\n\n');

export function messageEntry(
  message: Pick<Entry, 'offset' | 'channel' | 'key'>,
  cursor: string,
  data: readonly unknown[],
): Entry {
  const head = `id: ${cursor}\n`;
  const frame = lasting(`${head}data: ${JSON.stringify(data)}\n\n`);
  return { ...message, frame, dataAt: head.length };
}

/** Memory of its own: a small buffer is cut from a shared slab of 64 KiB, which a kept one would keep whole. */
function lasting(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** The newer message at the place of the older: whoever stops here asks for the newer one again. */
export function withIdOf(older: Entry, newer: Entry): Entry {
  const frame = Buffer.concat([
    older.frame.subarray(0, older.dataAt),
    newer.frame.subarray(newer.dataAt),
  ]);
  return { ...newer, offset: older.offset, frame, dataAt: older.dataAt };
}
