import assert from 'node:assert/strict';
import { test } from 'node:test';

import { noLog, type Fields, type Log } from '@plinth/core';
import { eventually } from '@plinth/testing';

import { problemOf, startNotes, tenant, user } from './notes-app.test.ts';

test('a query answers JSON with the tenant preset and the security headers', async (t) => {
  const app = await startNotes(t);

  const response = await app.fetch('/v1/notes?limit=5&tag=a&tag=b&open=true');

  assert.deepEqual(await response.json(), { limit: 5, tag: ['a', 'b'], open: true });
  assert.equal(response.status, 200);
  const { headers } = response;
  assert.equal(headers.get('cache-control'), 'private, no-cache');
  assert.equal(headers.get('vary'), 'Cookie, Authorization');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('x-frame-options'), 'DENY');
  assert.equal(headers.get('referrer-policy'), 'same-origin');
  assert.equal(headers.get('strict-transport-security'), null);
});

test('what has no place in a contract is refused with its pointer', async (t) => {
  const app = await startNotes(t);
  const send = (body: unknown) =>
    app.fetch('/v1/notes', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'idempotency-key': 'k1' },
    });
  const cases: [string, Response, string][] = [
    ['a query field', await app.fetch('/v1/notes?nope=1'), 'http.unknown_field'],
    ['a scalar twice', await app.fetch('/v1/notes?limit=1&limit=2'), 'http.duplicate_field'],
    ['a text for a number', await app.fetch('/v1/notes?limit=many'), 'rpc.bad_input'],
    ['a number beyond its bounds', await app.fetch('/v1/notes?limit=51'), 'rpc.bad_input'],
    ['an id that is none', await app.fetch('/v1/notes/1'), 'rpc.bad_input'],
    ['a body field', await send({ text: 'a', extra: 1 }), 'http.unknown_field'],
    ['a nested body field', await send({ text: 'a', meta: { size: 1 } }), 'http.unknown_field'],
    [
      'a prototype',
      await app.fetch('/v1/notes', raw('{"__proto__":{},"text":"a"}')),
      'http.unknown_field',
    ],
    ['a list', await app.fetch('/v1/notes', raw('[1]')), 'http.bad_body'],
    ['no JSON', await app.fetch('/v1/notes', raw('{"text":')), 'http.bad_json'],
  ];

  for (const [what, response, code] of cases) {
    assert.deepEqual(await problemOf(response), { status: 400, code }, what);
    assert.equal(response.headers.get('cache-control'), 'no-store');
  }
  assert.deepEqual(app.calls, []);
});

const raw = (body: string): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'idempotency-key': 'k', 'content-type': 'application/json' },
});

test('who is nobody gets 401, who lacks the permission 403, before anything tells of rows', async (t) => {
  const app = await startNotes(t, { permissions: ['notes.read'] });
  const missing = '/v1/notes/01890a5d-ac96-774b-bcce-b302099a8099';

  const anonymous = await fetch(app.url + missing);
  const lesser = await app.fetch(missing, {
    method: 'PATCH',
    body: '{"text":"x"}',
    headers: { 'if-match': '"1"' },
  });
  const allowed = await app.fetch(missing);

  assert.deepEqual(await problemOf(anonymous), { status: 401, code: 'auth.required' });
  assert.deepEqual(await problemOf(lesser), { status: 403, code: 'auth.forbidden' });
  assert.deepEqual(await problemOf(allowed), { status: 404, code: 'notes.unknown' });
});

test('an operation that makes a session sets its cookie and keeps it out of the body', async (t) => {
  const app = await startNotes(t);

  const response = await fetch(`${app.url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, tenant }),
  });

  assert.deepEqual(await response.json(), { user });
  assert.equal(
    response.headers.get('cache-control'),
    'no-store, no-cache, must-revalidate, private',
  );
  const [session = '', device = ''] = response.headers.getSetCookie();
  assert.match(session, /^sid=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=604800$/u);
  assert.match(device, /^device=v1\./u);
  const cookie = session.split(';')[0] ?? '';
  const again = await fetch(`${app.url}/v1/notes`, { headers: { cookie } });
  assert.equal(again.status, 200);
});

test('a failure nobody foresaw says its id and nothing else, and is logged with its cause', async (t) => {
  const errors: unknown[] = [];
  const log: Log = { ...noLog, error: (_msg, error) => errors.push(error) };
  const app = await startNotes(t, { log });

  const response = await app.fetch('/v1/broken');
  const text = await response.clone().text();

  assert.deepEqual(await problemOf(response), { status: 500, code: 'core.unexpected' });
  assert(!text.includes('secret'));
  await eventually(() => assert.equal(errors.length, 1));
});

test('what passes its deadline is ended with 504, and its signal fires', async (t) => {
  const app = await startNotes(t);

  const response = await app.fetch('/v1/wait');

  assert.deepEqual(await problemOf(response), { status: 504, code: 'http.deadline' });
  await eventually(() => assert.deepEqual(app.calls, ['waitLong', 'aborted']));
});

test('a client that goes away ends its request: the signal fires, the log says 499', async (t) => {
  const lines: Fields[] = [];
  const log: Log = { ...noLog, info: (_msg, fields = {}) => lines.push(fields) };
  const app = await startNotes(t, { log });
  const controller = new AbortController();

  const gone = app.fetch('/v1/wait', { signal: controller.signal });
  await eventually(() => assert.deepEqual(app.calls, ['waitLong']));
  controller.abort();

  await assert.rejects(gone);
  await eventually(() => assert.deepEqual(app.calls, ['waitLong', 'aborted']));
  await eventually(() => assert.equal(lines[0]?.['status'], 499));
  assert.equal(app.http.inFlight(), 0);
});

test('an unknown address is 404, another method of a known one 405 with what is allowed', async (t) => {
  const app = await startNotes(t);

  const missing = await app.fetch('/v1/nothing');
  const wrong = await app.fetch('/v1/notes', { method: 'DELETE' });

  assert.deepEqual(await problemOf(missing), { status: 404, code: 'http.no_route' });
  assert.deepEqual(await problemOf(wrong), { status: 405, code: 'http.method' });
  assert.equal(wrong.headers.get('allow'), 'GET, POST');
});

function namesOf({ headers }: Response): string[] {
  return [...headers.keys()].filter((name) => !['date', 'keep-alive'].includes(name)).toSorted();
}

test('HEAD has the headers of GET and no body', async (t) => {
  const app = await startNotes(t);

  const get = await app.fetch('/v1/notes');
  const head = await app.fetch('/v1/notes', { method: 'HEAD' });

  assert.equal(await head.text(), '');
  assert.deepEqual(namesOf(head), namesOf(get));
  assert.equal(head.headers.get('content-length'), get.headers.get('content-length'));
});

test('a tab of another tenant is told so, whatever it asks', async (t) => {
  const app = await startNotes(t);

  const same = await app.fetch('/v1/notes', { headers: { 'expect-tenant': tenant } });
  const other = await app.fetch('/v1/notes', { headers: { 'expect-tenant': user } });

  assert.equal(same.status, 200);
  assert.deepEqual(await problemOf(other), { status: 409, code: 'identity.tenant_changed' });
});

test('a body over its limit is 413, one that is not JSON 415', async (t) => {
  const app = await startNotes(t);
  const send = (body: string, type: string) =>
    app.fetch('/v1/notes', {
      method: 'POST',
      body,
      headers: { 'content-type': type, 'idempotency-key': 'k' },
    });

  const large = await send(JSON.stringify({ text: 'x'.repeat(30_000) }), 'application/json');
  const form = await send('text=a', 'application/x-www-form-urlencoded');

  assert.deepEqual(await problemOf(large), { status: 413, code: 'http.body_too_large' });
  assert.deepEqual(await problemOf(form), { status: 415, code: 'http.unsupported_type' });
});

test('health tells one word, ready only in its phase', async (t) => {
  let phase: 'ready' | 'draining' = 'ready';
  const app = await startNotes(t, { phase: () => phase });
  const read = async (path: string) => {
    const response = await fetch(`${app.url}/healthz/${path}`);
    return [response.status, await response.text()];
  };

  assert.deepEqual(await read('live'), [200, 'ok']);
  assert.deepEqual(await read('startup'), [200, 'ok']);
  assert.deepEqual(await read('ready'), [200, 'ok']);
  phase = 'draining';
  assert.deepEqual(await read('live'), [200, 'ok']);
  assert.deepEqual(await read('ready'), [503, 'draining']);
});

test('the contracts and the codes are served', async (t) => {
  const app = await startNotes(t);

  const openApi = await fetch(`${app.url}/openapi.json`);
  const tag = openApi.headers.get('etag') ?? '';
  const again = await fetch(`${app.url}/openapi.json`, { headers: { 'if-none-match': tag } });
  const page = await fetch(`${app.url}/problems/notes.refused`);

  assert.equal(JSON.parse(await openApi.text()).openapi, '3.1.0');
  assert.equal(again.status, 304);
  assert.match(await page.text(), /notes\.createNote/u);
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/u);
});

test('a drain ends what is in flight and takes nothing new', async (t) => {
  const app = await startNotes(t);
  const running = app.fetch('/v1/wait');
  await eventually(() => assert.deepEqual(app.calls, ['waitLong']));

  const drained = app.http.drain?.(AbortSignal.timeout(5_000));

  const response = await running;
  assert.equal(response.headers.get('connection'), 'close');
  await response.text();
  await drained;
  await assert.rejects(app.fetch('/v1/notes'));
});
