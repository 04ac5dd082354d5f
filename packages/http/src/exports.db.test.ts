import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';

import { eventually } from '@plinth/testing';

import { problemOf, startNotes, tenant } from './notes-app.test.ts';

test('an export is NDJSON whose last line counts it, or CSV with its columns', async (t) => {
  const app = await startNotes(t);

  const lines = await app.fetch('/v1/notes/export?n=3');
  const csv = await app.fetch('/v1/notes/export?n=2&format=csv');
  const accepted = await app.fetch('/v1/notes/export?n=0', { headers: { accept: 'text/csv' } });

  assert.equal(lines.headers.get('content-type'), 'application/x-ndjson');
  assert.equal(
    lines.headers.get('content-disposition'),
    'attachment; filename="exportNotes.ndjson"',
  );
  assert.equal((await lines.text()).split('\n').at(-2), '{"$end":{"n":3}}');
  assert.equal(await csv.text(), `n,text\r\n0,"note ""0"", plain"\r\n1,'=1+1\r\n`);
  assert.equal(await accepted.text(), 'n,text\r\n');
});

test('what fails before the first item is a problem, later the connection breaks', async (t) => {
  const app = await startNotes(t);

  const early = await app.fetch('/v1/notes/export?n=10&failAt=0');
  const late = await app.fetch('/v1/notes/export?n=90000&failAt=80000');
  const bad = await app.fetch('/v1/notes/export?n=1&format=xlsx');

  assert.deepEqual(await problemOf(early), { status: 500, code: 'notes.lost' });
  assert.equal(late.status, 200);
  await assert.rejects(late.text());
  assert.deepEqual(await problemOf(bad), { status: 400, code: 'http.bad_format' });
});

test('two exports a tenant run at once, a third is told to wait', async (t) => {
  const app = await startNotes(t);
  const path = '/v1/notes/export?n=100000';
  const open = [await app.fetch(path), await app.fetch(path)];

  const third = await app.fetch(path);

  assert.deepEqual(await problemOf(third), { status: 429, code: 'http.too_many_exports' });
  for (const response of open) await response.body?.cancel();
  await eventually(async () => assert.equal((await app.fetch('/v1/notes/export?n=1')).status, 200));
});

test('a client that takes nothing is cut off, and its export ends', async (t) => {
  const app = await startNotes(t, { limits: { stallMs: 300 } });
  const { hostname, port, host } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  await once(socket, 'connect');

  socket.write(
    `GET /v1/notes/export?n=100000 HTTP/1.1\r\nHost: ${host}\r\nCookie: sid=${app.cookie}\r\n\r\n`,
  );
  await once(socket, 'readable');

  await eventually(() => assert.equal(app.http.inFlight(), 0));
});

const csv = (bytes: number) => 'a,b\n'.repeat(bytes / 4);

test('an upload is streamed to the store and named by its query or its form', async (t) => {
  const app = await startNotes(t);
  const form = new FormData();
  form.append('file', new Blob([csv(8)], { type: 'text/csv' }), 'C:\\books\\march.csv');

  const raw = await app.fetch('/v1/notes/upload?fileName=a.csv', {
    method: 'POST',
    body: csv(8),
    headers: { 'content-type': 'text/csv; charset=utf-8' },
  });
  const posted = await fetch(`${app.url}/v1/notes/upload`, {
    method: 'POST',
    body: form,
    headers: { cookie: `sid=${app.cookie}`, 'sec-fetch-site': 'same-origin' },
  });

  const [first, second] = [Object(await raw.json()), Object(await posted.json())];
  assert.deepEqual([first.fileName, second.fileName], ['a.csv', 'march.csv']);
  assert.notEqual(first.blob, second.blob);
  const stored = await app.blobs.open(first.blob);
  assert.equal(Buffer.concat(await stored.body.toArray()).toString(), csv(8));
});

test('an upload that is too large, of another type, or not what it says leaves nothing', async (t) => {
  const app = await startNotes(t);
  const send = (body: string, type = 'text/csv', headers: Record<string, string> = {}) =>
    app.fetch('/v1/notes/upload?fileName=a.csv', {
      method: 'POST',
      body,
      headers: { 'content-type': type, ...headers },
    });
  const huge = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(Buffer.from(csv(1_024))),
  });
  const endless: RequestInit & { duplex: 'half' } = {
    method: 'POST',
    body: huge,
    duplex: 'half',
    headers: { 'content-type': 'text/csv' },
  };

  const cases: [Response, number, string][] = [
    [await send(csv(1_004)), 413, 'http.body_too_large'],
    [await send(csv(8_004)), 413, 'http.body_too_large'],
    [await app.fetch('/v1/notes/upload?fileName=a.csv', endless), 413, 'http.body_too_large'],
    [await send(csv(8), 'application/pdf'), 415, 'http.unsupported_type'],
    [await send('a\0b'), 415, 'http.unsupported_type'],
    [
      await send(csv(8), 'text/csv', { 'repr-digest': 'sha-256=:AAAA:' }),
      400,
      'http.digest_mismatch',
    ],
    [await send('nothing', 'multipart/form-data; boundary=x'), 400, 'http.bad_upload'],
  ];
  const unnamed = await app.fetch('/v1/notes/upload', {
    method: 'POST',
    body: csv(8),
    headers: { 'content-type': 'text/csv' },
  });
  const anonymous = await fetch(`${app.url}/v1/notes/upload?fileName=a`, {
    method: 'POST',
    body: csv(8),
    headers: { 'content-type': 'text/csv' },
  });

  for (const [response, status, code] of cases) {
    assert.deepEqual(await problemOf(response), { status, code });
  }
  assert.deepEqual(await problemOf(unnamed), { status: 400, code: 'rpc.bad_input' });
  assert.deepEqual(await problemOf(anonymous), { status: 401, code: 'auth.required' });
  assert.deepEqual(await app.blobs.list(`${tenant}/`), []);
});

test('an upload that trickles is cut off', async (t) => {
  const app = await startNotes(t, { limits: { uploadIdleMs: 200 } });
  const { hostname, port, host } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'connect');

  socket.write(
    `POST /v1/notes/upload?fileName=a HTTP/1.1\r\nHost: ${host}\r\nCookie: sid=${app.cookie}\r\n` +
      'Sec-Fetch-Site: same-origin\r\nContent-Type: text/csv\r\nContent-Length: 100\r\n\r\na,b\n',
  );

  await once(socket, 'close');
  assert.match(text, /^HTTP\/1\.1 408 /u);
  await eventually(async () => assert.deepEqual(await app.blobs.list(`${tenant}/`), []));
});
