import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Call {
  readonly key?: string;
  /** Of the row, as it stands in its `version`. */
  readonly version?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Somebody who is signed in, as a browser would be. */
export interface Person {
  readonly cookie: string;
  send(method: string, path: string, call?: Call): Promise<Reply>;
}

export async function signIn(url: string, email: string, password: string): Promise<Person> {
  const answer = await fetch(`${url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ email, password }),
  });
  assert.equal(answer.status, 200, `${email} signs in: ${await answer.clone().text()}`);
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0] ?? '')
    .join('; ');
  return { cookie, send: (method, path, call = {}) => send(`${url}${path}`, method, cookie, call) };
}

export async function send(
  target: string,
  method: string,
  cookie: string,
  { key = randomUUID(), version, body, headers, signal }: Call,
): Promise<Reply> {
  const answer = await fetch(target, {
    method,
    headers: {
      cookie,
      'sec-fetch-site': 'same-origin',
      ...(method === 'GET' ? {} : { 'idempotency-key': key, 'content-type': 'application/json' }),
      ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
      ...headers,
    },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const raw = await answer.text();
  const isJson = /^application\/(?:problem\+)?json\b/u.test(
    answer.headers.get('content-type') ?? '',
  );
  return {
    status: answer.status,
    headers: answer.headers,
    body: isJson ? JSON.parse(raw) : { text: raw },
  };
}

/** The body as the test knows it: a field that is missing fails where it is used. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names what it expects
export function bodyOf<body>(reply: Reply): body {
  assert(reply.status < 300, JSON.stringify(reply.body));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a test names the shape that it expects
  return reply.body as body;
}

/** A field that the test relies on. */
export function text(reply: Reply, field: string): string {
  const value = reply.body[field];
  assert(typeof value === 'string', `${field} of ${JSON.stringify(reply.body)}`);
  return value;
}
