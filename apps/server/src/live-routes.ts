import { Problem } from '@plinth/core';
import type { ExtraRoute, RouteCall } from '@plinth/http';
import type { Auth, Realtime } from '@plinth/realtime';

/** Where browsers connect to what happens: server-sent events, a WebSocket, and the set of channels of a connection. */
export function liveRoutes(realtime: Realtime): ExtraRoute[] {
  return [
    {
      method: 'GET',
      path: '/rt',
      permission: 'session',
      stream: true,
      run: (call) => realtime.sse(call.request, call.response, toAuth(call)),
    },
    {
      method: 'GET',
      path: '/rt/ws',
      permission: 'session',
      stream: true,
      run: (call) => realtime.ws(call.request, call.response, toAuth(call)),
    },
    {
      method: 'POST',
      path: '/rt/:connection/channels',
      permission: 'session',
      async run(call) {
        const { connection = '' } = call.params;
        const known = await realtime.setChannels(connection, toChannels(call.body), toAuth(call));
        call.response.writeHead(known ? 204 : 404, { 'cache-control': 'no-store' }).end();
      },
    },
  ];
}

function toAuth({ caller }: RouteCall): Auth {
  const { session, tenant, actor } = caller;
  if (session === undefined) {
    throw new Problem('Live updates are for people who are signed in.', {
      code: 'auth.required',
      kind: 'unauthenticated',
    });
  }
  return {
    user: actor.id,
    tenant,
    permissions: actor.permissions,
    session: session.id,
    expiresMs: session.endsMs,
  };
}

function toChannels(body: unknown): string[] {
  const channels =
    typeof body === 'object' && body !== null && 'channels' in body ? body.channels : undefined;
  if (Array.isArray(channels) && channels.every((channel) => typeof channel === 'string'))
    return channels;
  throw new Problem('The body is {"channels": [...]}.', { code: 'rpc.bad_input', kind: 'invalid' });
}
