import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

import type { Gate } from './gate.ts';

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly gate: Gate;
  readonly assets: Assets;
  /** Who may have a link made: the key of the state folder's file. */
  readonly ownerKey: string;
  /** JSON of what is below `/api/`; undefined where there is nothing. */
  answer(path: string): Promise<unknown>;
}

export type Assets = ReadonlyMap<string, { readonly type: string; readonly body: Buffer }>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types plinth";
const cookieName = 'plinth-ops';
const sessionS = 28_800;
const requestMs = 5_000;

/** The built page, in memory: it is served when the disk is not. */
export async function readAssets(folder: string): Promise<Assets> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => types[extname(name)] !== undefined);
  return new Map(
    await Promise.all(
      files.map(async (name) => {
        const body = await readFile(join(folder, name));
        return [`/${name}`, { type: types[extname(name)] ?? '', body }] as const;
      }),
    ),
  );
}

/** @returns the server and its address, once it listens. */
export async function listen(options: ListenerOptions): Promise<{ server: Server; url: string }> {
  const server = createServer({ requestTimeout: requestMs, headersTimeout: requestMs }, (...both) =>
    serve(options, ...both),
  );
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(options.port, options.host, resolve);
  await promise;
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return { server, url: `http://127.0.0.1:${port}` };
}

function serve(options: ListenerOptions, request: IncomingMessage, response: ServerResponse): void {
  if (!isLoopbackName(request.headers.host ?? '')) return send(response, 404, 'text/plain', '');
  const url = new URL(request.url ?? '/', 'http://console');
  const key = `${request.method ?? ''} ${url.pathname}`;
  if (key === 'GET /enter') return enter(options, url.searchParams.get('key') ?? '', response);
  if (key === 'POST /links') return makeLink(options, request, response);
  if (key === 'POST /leave') return leave(options, request, response);
  if (request.method !== 'GET') return send(response, 405, 'text/plain', '');
  if (url.pathname.startsWith('/api/')) return void answerApi(options, request, response);
  return serveAsset(options, url.pathname, response);
}

function enter({ gate }: ListenerOptions, key: string, response: ServerResponse): void {
  const token = gate.enter(key);
  if (token !== undefined) response.setHeader('set-cookie', cookie(token, sessionS));
  response.setHeader('location', token === undefined ? '/?link=used' : '/');
  send(response, 303, 'text/plain', '');
}

function makeLink(
  { gate, ownerKey }: ListenerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const isOwner = request.headers.authorization === `Bearer ${ownerKey}`;
  if (!isOwner) return send(response, 401, 'text/plain', '');
  return send(response, 200, 'application/json', JSON.stringify({ key: gate.newLink() }));
}

function leave(
  { gate }: ListenerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (request.headers['sec-fetch-site'] !== 'same-origin') {
    return send(response, 403, 'text/plain', '');
  }
  gate.leave(tokenOf(request));
  response.setHeader('set-cookie', cookie('', 0));
  return send(response, 204, 'text/plain', '');
}

async function answerApi(
  { gate, answer }: ListenerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!gate.isIn(tokenOf(request))) {
    return send(response, 401, 'application/problem+json', '{"code":"auth.required"}');
  }
  try {
    const body = await answer((request.url ?? '').slice('/api/'.length));
    if (body === undefined) return send(response, 404, 'application/problem+json', '{}');
    return send(response, 200, 'application/json', JSON.stringify(body));
  } catch {
    return send(response, 500, 'application/problem+json', '{"code":"internal"}');
  }
}

/** A page's address is its own file's: the router in it does the rest. */
function serveAsset({ assets }: ListenerOptions, path: string, response: ServerResponse): void {
  const isFile = path.startsWith('/assets/');
  const asset = assets.get(isFile ? path : '/index.html');
  if (asset === undefined) return send(response, 404, 'text/plain', '');
  response.setHeader('cache-control', isFile ? 'max-age=31536000, immutable' : 'no-cache');
  return send(response, 200, asset.type, asset.body);
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  if (!response.hasHeader('cache-control')) response.setHeader('cache-control', 'no-store');
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  });
  response.end(body);
}

function cookie(token: string, maxAgeS: number): string {
  return `${cookieName}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}`;
}

function tokenOf({ headers }: IncomingMessage): string {
  return new RegExp(`(?:^|; )${cookieName}=([\\w-]+)`, 'u').exec(headers.cookie ?? '')?.[1] ?? '';
}

/** A name of another site that leads here is not answered: DNS rebinding. */
function isLoopbackName(host: string): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/u.test(host);
}
