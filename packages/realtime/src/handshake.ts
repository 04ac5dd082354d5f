import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import { Problem } from '@plinth/core';

const subprotocol = 'plinth.rt.1';
/** RFC 6455, section 1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const keyForm = /^[A-Za-z0-9+/]{22}==$/u;

/** @throws {Problem} `realtime.handshake` (400) for what is no opening of RFC 6455 with our subprotocol. */
export function checkHandshake({ method, headers }: IncomingMessage): void {
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  const isOpening =
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    keyForm.test(headers['sec-websocket-key'] ?? '') &&
    protocols.includes(subprotocol);
  if (isOpening) return;
  throw new Problem(`Here a WebSocket of version 13 opens, with the subprotocol ${subprotocol}.`, {
    code: 'realtime.handshake',
    kind: 'invalid',
  });
}

/** Takes the socket over from the response: what HTTP keeps for it is let go. */
export function acceptSocket(
  request: IncomingMessage,
  response: ServerResponse,
): Socket | undefined {
  const { socket } = response;
  if (!(socket instanceof Socket)) return undefined;
  const key = request.headers['sec-websocket-key'] ?? '';
  const accept = hash('sha1', `${key}${acceptSuffix}`, 'base64');
  response.statusCode = 101;
  response.detachSocket(socket);
  response.emit('close');
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${subprotocol}\r\n\r\n`,
  );
  return socket;
}
