import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { HttpLimits } from './config.ts';
import type { Exchange } from './exchange.ts';

/** A request of our own server, with what is known of it. */
export class RoutedRequest extends IncomingMessage {
  exchange: Exchange | undefined;
}

export type Listener = (request: RoutedRequest, response: ServerResponse) => void;

/** What node answers for by itself: refusals of its parser and of its timers. */
const refusals: Readonly<Record<string, readonly [status: string, code: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'http.slow_request'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'http.headers_too_large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'http.body_too_large'],
};

/** node:http with the limits that it lacks or keeps too wide. */
export function createHttpServer(
  listener: Listener,
  { limits, connectionsMax }: { readonly limits: HttpLimits; readonly connectionsMax: number },
): Server {
  const server = createServer<typeof RoutedRequest>(
    {
      IncomingMessage: RoutedRequest,
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.checkMs,
      keepAliveTimeout: limits.keepAliveMs,
      noDelay: true,
      // Asked by the head rules, which answer as all else does.
      requireHostHeader: false,
      // All else that asks for another protocol, such as h2c, is answered in this one.
      shouldUpgradeCallback: ({ method, headers }) =>
        method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket',
    },
    listener,
  );
  server.on('upgrade', (request, socket, head) => answerUpgrade(listener, request, socket, head));
  server.maxConnections = connectionsMax;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refuse(socket, refusals[error.code ?? ''] ?? ['400 Bad Request', 'http.malformed']);
  });
  // Without a listener node closes these silently.
  server.on('connect', (_request, socket) => {
    refuse(socket, ['405 Method Not Allowed', 'http.method']);
  });
  return server;
}

/** It passes all that a request passes; the route takes the socket over, or the response refuses. */
function answerUpgrade(
  listener: Listener,
  request: RoutedRequest,
  socket: Duplex,
  head: Buffer,
): void {
  // Node has let go of it: an error that nobody hears would end the process.
  socket.on('error', () => socket.destroy());
  if (!(socket instanceof Socket)) {
    socket.destroy();
    return;
  }
  if (head.length > 0) socket.unshift(head);
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.end());
  listener(request, response);
}

function refuse(socket: Duplex, [status, code]: readonly [string, string]): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const [number = '400', ...words] = status.split(' ');
  const body = JSON.stringify({
    type: `/problems/${code}`,
    title: words.join(' '),
    status: Number(number),
    detail: 'The request is not one that HTTP allows here.',
    code,
    kind: 'invalid',
  });
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/problem+json\r\ncache-control: no-store\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
