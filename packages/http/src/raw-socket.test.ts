import { once } from 'node:events';
import { connect } from 'node:net';

export interface RawAnswer {
  /** All that came until the server closed, or the answer that was asked for had come. */
  readonly text: string;
  readonly status: number;
  readonly isClosed: boolean;
}

/** Sends bytes as they are, and reads until the server closes or `until` has come. */
export async function sendRaw(
  url: string,
  bytes: string,
  until?: (text: string) => boolean,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const ended = Promise.withResolvers<boolean>();
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (until?.(text) === true) ended.resolve(false);
  });
  socket.on('error', () => ended.resolve(true));
  socket.on('close', () => ended.resolve(true));
  socket.write(bytes, 'latin1');
  const isClosed = await ended.promise;
  socket.destroy();
  return { text, isClosed, status: Number(/^HTTP\/1\.1 (\d{3})/u.exec(text)?.[1] ?? 0) };
}

/** True once a whole answer with a Content-Length is there. */
export function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  const length = Number(/content-length: (\d+)/iu.exec(text)?.[1] ?? 0);
  return end !== -1 && text.length >= end + 4 + length;
}
