import { connect } from 'node:net';

import type { Client } from 'pg';

const cancelRequestCode = 80_877_102;
const cancelTimeoutMs = 2_000;

/**
 * CancelRequest (PostgreSQL protocol 3.0, "Canceling Requests in Progress") over a socket of its own:
 * pg's own way removes the query from a queue, which a pipelined client does not have.
 */
export function requestCancel(client: Client): void {
  const processId: unknown = Reflect.get(client, 'processID');
  const secretKey: unknown = Reflect.get(client, 'secretKey');
  if (typeof processId !== 'number' || typeof secretKey !== 'number') return;
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(cancelRequestCode, 4);
  message.writeInt32BE(processId, 8);
  message.writeInt32BE(secretKey, 12);
  const { host, port } = client;
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
  socket.setTimeout(cancelTimeoutMs, () => socket.destroy());
  // A server that is gone has nothing to cancel.
  socket.on('error', () => socket.destroy());
  socket.end(message);
  socket.resume();
}
