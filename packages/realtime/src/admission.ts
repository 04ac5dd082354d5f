import type { IncomingMessage, ServerResponse } from 'node:http';

import { Problem } from '@plinth/core';

import type { Auth } from './channel.ts';
import type { RealtimeSettings } from './config.ts';
import type { Crowd } from './connections.ts';

const channelsMax = 32;
const retryAfterMs = 5_000;

/** Whether there is room for one more. */
export interface Room {
  readonly settings: RealtimeSettings;
  readonly isDraining: boolean;
  crowd(auth: Auth): Crowd;
}

/** What a connection asks for, once it was let in. */
export interface Request {
  readonly channels: readonly string[];
  /** `Last-Event-ID`, or `after` where a page opens the connection itself. */
  readonly cursor: string;
}

/**
 * @throws {Problem} `realtime.origin` (403), `realtime.too_many_connections` (429), `realtime.bad_channel`,
 *   `realtime.draining` (503): before anything is sent.
 */
export function admit(request: IncomingMessage, auth: Auth, room: Room): Request {
  if (room.isDraining) throw draining();
  checkOrigin(request, room.settings);
  checkRoom(auth, room);
  return toRequest(request, channelsMax);
}

/** @throws {Problem} `realtime.too_many_connections` (429), `realtime.draining` (503). */
export function checkRoom(auth: Auth, { isDraining, crowd, settings }: Room): void {
  if (isDraining) throw draining();
  const { userMax, tenantMax, processMax } = settings;
  const { ofUser, ofTenant, all } = crowd(auth);
  if (ofUser < userMax && ofTenant < tenantMax && all < processMax) return;
  throw new Problem('There are too many live connections.', {
    code: 'realtime.too_many_connections',
    kind: 'rateLimited',
    retryAfterMs,
  });
}

/** @throws {Problem} `realtime.too_many_channels` */
export function toRequest(request: IncomingMessage, channelCountMax: number): Request {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const channels = [...new Set(url.searchParams.getAll('ch'))];
  checkChannelCount(channels, channelCountMax);
  const header = request.headers['last-event-id'];
  const cursor = typeof header === 'string' ? header : (url.searchParams.get('after') ?? '');
  return { channels, cursor };
}

/** @throws {Problem} `realtime.too_many_channels` */
export function checkChannelCount(channels: readonly string[], most = channelsMax): void {
  if (channels.length <= most) return;
  throw new Problem(`A connection has at most ${most} channels.`, {
    code: 'realtime.too_many_channels',
    kind: 'invalid',
  });
}

/**
 * A page of another origin says so; one of ours says it is, or brings a key that no page has. Host was checked
 * before: a page of that very host is ours.
 *
 * @throws {Problem} `realtime.origin` (403)
 */
export function checkOrigin({ headers }: IncomingMessage, { origins }: RealtimeSettings): void {
  const { origin, authorization } = headers;
  const isOurs =
    origin === undefined
      ? headers['sec-fetch-site'] === 'same-origin' || authorization !== undefined
      : origins.includes(origin) || isOf(origin, headers.host);
  if (isOurs) return;
  throw new Problem('This connection does not come from our own pages.', {
    code: 'realtime.origin',
    kind: 'forbidden',
  });
}

function isOf(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

function draining(): Problem {
  return new Problem('The process is ending and takes no more connections.', {
    code: 'realtime.draining',
    kind: 'unavailable',
    retryAfterMs: 1_000,
  });
}

/** Refused before it became a stream. */
export function refuse(response: ServerResponse, problem: Problem): void {
  const body = JSON.stringify(problem.toWire('public'));
  const { retryAfterMs: waitMs } = problem;
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(waitMs === undefined ? {} : { 'retry-after': String(Math.ceil(waitMs / 1_000)) }),
  });
  response.end(body);
}
