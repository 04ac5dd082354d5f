import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

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

/** A server with `GET /rt` and `POST /rt/{conn}/channels`, as the product has them. */
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
