import { Problem } from '@plinth/core/problem';

import type { Module } from '../contract.ts';
import type { BrowserClient, CallOptions, RouteTable, UrlOptions } from './types-of-calls.ts';

export interface ClientOptions {
  /** Default: the browser's own. An app wraps it to hold calls while a person signs in again. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Before `/v1`, default the page's own origin. */
  readonly origin?: string;
  /** Of this page, with `onOutdated`: called for each answer of a server that no longer supports it. */
  readonly build?: string;
  readonly onOutdated?: (minBuild: string) => void;
}

type Input = Readonly<Record<string, unknown>>;

const retriesMax = 2;
const retryMs = 300;

/**
 * Calls the operations of the modules over HTTP, from a browser.
 *
 * A GET is tried twice more after a lost connection or a 503; a command is not: whoever has its key may.
 *
 * @param routes the generated table; types come with `import type`, so no schema reaches the browser.
 * @throws {Problem} what the server answered; `core.not_a_problem` for an answer that is not ours,
 * `client.offline` without any.
 */
export function createClient<modules extends Readonly<Record<string, Module>>>(
  routes: RouteTable,
  options: ClientOptions = {},
): BrowserClient<modules> {
  const table = mapValues(routes, (operations) =>
    mapValues(operations, (route) => makeCall(route, options)),
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table was rendered from these modules
  return table as unknown as BrowserClient<modules>;
}

function makeCall(route: string, options: ClientOptions) {
  const [method = '', path = '', flags = ''] = route.split(' ');
  const origin = options.origin ?? '';
  if (flags.includes('s')) {
    return (input: Input, { format }: UrlOptions = {}) => {
      const [url, rest] = fillPath(origin, path, input);
      return url + queryOf(format === undefined ? rest : { ...rest, format });
    };
  }
  return async (input: Input, { signal, key, headers: more }: CallOptions = {}) => {
    const [base, rest] = fillPath(origin, path, input);
    const headers: Record<string, string> = { ...more };
    const init: RequestInit = { method, headers };
    if (signal !== undefined) init.signal = signal;
    if (flags.includes('k')) headers['idempotency-key'] = key ?? crypto.randomUUID();
    // Without a version the server says that it needs one.
    if (flags.includes('v') && 'version' in rest) {
      headers['if-match'] = `"${takeText(rest, 'version')}"`;
    }
    if (flags.includes('u')) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type of an upload's input asks for a Blob
      init.body = rest['file'] as Blob;
      delete rest['file'];
    } else if (method !== 'GET') {
      headers['content-type'] = 'application/json';
      init.body = JSON.stringify(rest);
      return send(base, init, options);
    }
    return send(base + queryOf(rest), init, options);
  };
}

async function send(url: string, init: RequestInit, options: ClientOptions): Promise<unknown> {
  for (let retriesLeft = init.method === 'GET' ? retriesMax : 0; ; retriesLeft -= 1) {
    const response = await (options.fetch ?? fetch)(url, init).catch((error: unknown) => {
      if (init.signal?.aborted || retriesLeft === 0) throw unreachable(error);
    });
    if (response !== undefined) {
      watchBuild(response, options);
      if (response.status !== 503 || retriesLeft === 0) return readBody(response);
    }
    const waitMs = Number(response?.headers.get('retry-after') ?? 0) * 1000 || retryMs;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    init.signal?.throwIfAborted();
  }
}

function unreachable(cause: unknown): Problem {
  const problem = Problem.from(cause);
  if (problem.kind !== 'internal') return problem;
  return new Problem('The server cannot be reached.', {
    code: 'client.offline',
    kind: 'unavailable',
    cause,
  });
}

/** Builds are ordered by their text. */
function watchBuild({ headers }: Response, { build, onOutdated }: ClientOptions): void {
  const oldest = headers.get('plinth-min-build');
  if (oldest !== null && build !== undefined && build < oldest) onOutdated?.(oldest);
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  let body: unknown = text;
  try {
    body = text === '' ? {} : JSON.parse(text);
  } catch {
    throw Problem.fromWire(response.ok ? 502 : response.status, text);
  }
  if (response.ok) return body;
  throw Problem.fromWire(response.status, body);
}

/** @returns the URL without its query, and the fields that are not in it. */
function fillPath(origin: string, path: string, input: Input): [string, Record<string, unknown>] {
  const rest = { ...input };
  const filled = path.replace(/:(\w+)/gu, (_, name: string) =>
    encodeURIComponent(takeText(rest, name)),
  );
  return [`${origin}/v1${filled}`, rest];
}

function takeText(fields: Record<string, unknown>, name: string): string {
  const value = textOf(fields[name]);
  delete fields[name];
  return value;
}

function queryOf(fields: Input): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    for (const part of Array.isArray(value) ? value : [value]) query.append(name, textOf(part));
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function mapValues<from, to>(
  record: Readonly<Record<string, from>>,
  map: (value: from) => to,
): Record<string, to> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
