import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';

/** A process of readers that only count, so that what is measured is who writes. */
interface Asked {
  readonly port: number;
  readonly path: string;
  readonly count: number;
  readonly isSocket: boolean;
}

const together = 100;
const marker = Buffer.from('"n":1');

let delivered = 0;

async function open({ port, path, isSocket }: Asked): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  const upgrade =
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
    'Sec-WebSocket-Protocol: plinth.rt.1\r\n';
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nSec-Fetch-Site: same-origin\r\n` +
      `${isSocket ? upgrade : 'Accept: text/event-stream\r\n'}\r\n`,
  );
  await once(socket, 'data');
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = bytes.indexOf(marker);
    let end = 0;
    while (at !== -1) {
      delivered += 1;
      end = at + marker.length;
      at = bytes.indexOf(marker, end);
    }
    rest = Buffer.from(bytes.subarray(Math.max(end, bytes.length - marker.length + 1)));
  });
  socket.on('error', () => process.exit(1));
}

process.on('message', (asked: Asked | { readonly kind: 'count' }) => {
  if ('kind' in asked) process.send?.({ delivered });
  else void openAll(asked);
});
process.on('disconnect', () => process.exit());

async function openAll(asked: Asked): Promise<void> {
  for (let at = 0; at < asked.count; at += together) {
    const length = Math.min(together, asked.count - at);
    await Promise.all(Array.from({ length }, () => open(asked)));
  }
  process.send?.({ opened: asked.count });
}
