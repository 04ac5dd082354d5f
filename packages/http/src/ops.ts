import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { timingSafeEqual } from 'node:crypto';

import { Problem, type Part, type Phase, type Telemetry } from '@plinth/core';

import { isLoopback, plainAddress } from './client-address.ts';
import { answerHealth } from './health-paths.ts';
import { listen } from './listen.ts';

export interface OpsOptions {
  /** Default `127.0.0.1`, any free port. */
  readonly listen?: { readonly host: string; readonly port: number };
  readonly telemetry: Telemetry & {
    render(accept?: string): { readonly contentType: string; readonly body: string };
    /** JSON of what is asked for below `/ops/v1/`; undefined where it knows nothing. */
    read?(path: string, asked: URLSearchParams): string | undefined;
  };
  readonly phase: () => Phase;
  /** What `GET /ops/v1/introspect` tells: role, version, drivers, pools, configuration without secrets. */
  introspect(): unknown;
  /** `Authorization: Bearer …`; without one, only loopback may read. */
  readonly token?: string | undefined;
}

export interface Ops extends Part {
  address(): string;
}

const requestTimeoutMs = 5_000;
const connectionsMax = 16;
const below = '/ops/v1/';

/** What a process says of itself to those who run it: never on the public listener. */
export function createOps(options: OpsOptions): Ops {
  const { host, port } = options.listen ?? { host: '127.0.0.1', port: 0 };
  let server: Server | undefined;
  return {
    name: 'ops',
    address() {
      const address = server?.address();
      return typeof address === 'object' && address !== null
        ? `http://${host}:${address.port}`
        : '';
    },
    async start() {
      server = createServer(
        { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
        (request, response) => answer(options, request, response),
      );
      server.maxConnections = connectionsMax;
      server.unref();
      await listen(server, { port, listen: host });
    },
    async stop() {
      server?.close();
      server?.closeAllConnections();
    },
  };
}

function answer(options: OpsOptions, request: IncomingMessage, response: ServerResponse): void {
  const { telemetry, phase } = options;
  const path = (request.url ?? '').replace(/\?.*$/u, '');
  if (answerHealth(path, response, { phase, health: telemetry.health })) return;
  if (request.method !== 'GET' || !isKnownHost(request)) {
    send(response, 404, 'text/plain', '');
    return;
  }
  if (path === '/metrics') {
    const { contentType, body } = telemetry.render(request.headers.accept);
    send(response, 200, contentType, body);
    return;
  }
  if (!path.startsWith(below)) {
    send(response, 404, 'text/plain', '');
  } else if (!mayRead(options, request)) {
    const problem = new Problem('This needs the token of the topology.', {
      code: 'auth.required',
      kind: 'unauthenticated',
    });
    const body = JSON.stringify(problem.toWire('public'));
    send(response, problem.status, 'application/problem+json', body);
  } else {
    const asked = new URL(request.url ?? '', 'http://ops').searchParams;
    const body = read(options, path.slice(below.length), asked);
    if (body === undefined) send(response, 404, 'text/plain', '');
    else send(response, 200, 'application/json', body);
  }
}

function read(options: OpsOptions, path: string, asked: URLSearchParams): string | undefined {
  const { telemetry, introspect } = options;
  if (path === 'health') return JSON.stringify(telemetry.health.report());
  if (path === 'introspect') return JSON.stringify(introspect());
  return telemetry.read?.(path, asked);
}

/** A page of another site that names this address by a name of its own is not answered. */
function isKnownHost({ headers }: IncomingMessage): boolean {
  const name = (headers.host ?? '').replace(/:\d+$/u, '').replace(/^\[(.*)\]$/u, '$1');
  return isLoopback(name) || /^[\d.:a-f]+$/u.test(name);
}

function mayRead({ token }: OpsOptions, { headers, socket }: IncomingMessage): boolean {
  if (token === undefined) return isLoopback(plainAddress(socket.remoteAddress ?? ''));
  const given = Buffer.from((headers.authorization ?? '').replace(/^Bearer /iu, ''));
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
