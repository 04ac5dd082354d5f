import { once } from 'node:events';
import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { createIds, noLog, systemClock, type Clock } from '@plinth/core';
import { z } from '@plinth/core/z';

import type { Backplane } from './backplane.ts';
import { defineChannel, type Auth, type Invalidation } from './channel.ts';
import type { RealtimeSettings } from './config.ts';
import { createRealtime } from './create-realtime.ts';

export const notesChannel = defineChannel({
  pattern: 't/{tenant}/notes',
  schema: z.object({ n: z.int(), text: z.string().optional(), key: z.string().optional() }),
  authorize: (auth) => auth.permissions.has('notes.read'),
  coalesce: ({ key }) => key ?? null,
});
const talkChannel = defineChannel({
  pattern: 't/{tenant}/talk',
  schema: z.object({ n: z.int() }),
  clientMay: 'publish',
  authorize: () => true,
});
const userChannel = defineChannel({
  pattern: 'u/{user}',
  schema: z.object({ n: z.int() }),
  authorize: (auth, { user }) => auth.user === user,
});

export const changesChannel = defineChannel<Invalidation>({
  pattern: 't/{tenant}/changes',
  schema: z.object({ topic: z.string(), ids: z.array(z.string()).optional() }),
  authorize: () => true,
});

interface Options {
  readonly clock?: Clock;
  readonly config?: Partial<RealtimeSettings>;
  readonly backplane?: Backplane;
  /** The session that a request belongs to; by default one of Ada's, of tenant `acme`. */
  auth?(request: IncomingMessage): Auth;
  /** For paths other than `/rt`. */
  page?(path: string, response: ServerResponse): void;
}

export function adaOf(clock: Clock = systemClock): Auth {
  return {
    user: 'ada',
    tenant: 'acme',
    permissions: new Set(['notes.read']),
    session: 's1',
    expiresMs: clock.now() + 3_600_000,
  };
}

/** As `@plinth/http` has it, for a socket that an upgrade has left. */
function responseOn(request: IncomingMessage, socket: Duplex): ServerResponse | undefined {
  socket.on('error', () => socket.destroy());
  if (!(socket instanceof Socket)) return undefined;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.end());
  return response;
}

/** A server with `GET /rt`, `GET /rt/ws` and `POST /rt/{conn}/channels`, as the product has them. */
export async function startServer(options: Options = {}) {
  const { clock = systemClock, config, backplane, auth, page } = options;
  const realtime = createRealtime({
    clock,
    newId: createIds(clock),
    log: noLog,
    ...(config === undefined ? {} : { config }),
    ...(backplane === undefined ? {} : { backplane }),
  });
  const notes = realtime.channel(notesChannel);
  const users = realtime.channel(userChannel);
  realtime.channel(talkChannel);
  const authOf = auth ?? (() => adaOf(clock));
  const server: Server = createServer((request, response) => {
    const connection = /^\/rt\/([^/]+)\/channels$/u.exec(request.url ?? '')?.[1];
    const path = request.url ?? '/';
    if (page !== undefined && !path.startsWith('/rt')) {
      page(path, response);
      return;
    }
    if (connection === undefined) {
      realtime.sse(request, response, authOf(request));
      return;
    }
    let body = '';
    request.on('data', (chunk: Buffer) => (body += String(chunk)));
    request.on('end', () => {
      const { channels } = z.object({ channels: z.array(z.string()) }).parse(JSON.parse(body));
      void realtime.setChannels(connection, channels, authOf(request)).then((isKnown) => {
        response.writeHead(isKnown ? 204 : 404).end();
        return undefined;
      });
    });
  });
  server.on('upgrade', (request, socket) => {
    const response = responseOn(request, socket);
    if (response !== undefined) realtime.ws(request, response, authOf(request));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    realtime,
    notes,
    users,
    server,
    url: `http://127.0.0.1:${port}/rt`,
    stop() {
      // Not waited for: under a clock that stands still it would not end.
      void realtime.drain(0);
      server.closeAllConnections();
      server.close();
    },
  };
}
