import assert from 'node:assert/strict';
import { test } from 'node:test';

import { problemOf, startNotes, type NotesApp } from './notes-app.test.ts';

async function createNote(app: NotesApp, text = 'first'): Promise<{ id: string; tag: string }> {
  const response = await app.fetch('/v1/notes', {
    method: 'POST',
    body: JSON.stringify({ text }),
    headers: { 'idempotency-key': crypto.randomUUID() },
  });
  const { id } = Object(await response.json());
  const read = await app.fetch(`/v1/notes/${id}`);
  await read.text();
  return { id, tag: read.headers.get('etag') ?? '' };
}

function change(app: NotesApp, id: string, ifMatch?: string): Promise<Response> {
  return app.fetch(`/v1/notes/${id}`, {
    method: 'PATCH',
    body: '{"text":"next"}',
    headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
  });
}

test('a created row has its place, and a strong tag of schema and version', async (t) => {
  const app = await startNotes(t);

  const response = await app.fetch('/v1/notes', {
    method: 'POST',
    body: '{"text":"a"}',
    headers: { 'idempotency-key': 'one' },
  });
  const { id } = Object(await response.json());

  assert.equal(response.status, 201);
  assert.equal(response.headers.get('location'), `/v1/notes/${id}`);
  assert.match(response.headers.get('etag') ?? '', /^"[0-9a-z]{4}-1"$/u);
});

test('a version that a cache holds is 304 without a call, any other one is asked for', async (t) => {
  const versions: (string | undefined)[] = [];
  const keptVersions = { getNote: async () => versions.shift() };
  const app = await startNotes(t, { keptVersions });
  const { id, tag } = await createNote(app);
  const read = (headers: Readonly<Record<string, string>>) =>
    app.fetch(`/v1/notes/${id}`, { headers });
  app.calls.length = 0;

  versions.push('1');
  const same = await read({ 'if-none-match': tag });
  assert.deepEqual([same.status, same.headers.get('etag'), app.calls], [304, tag, []]);
  assert.equal(same.headers.get('cache-control'), 'private, no-cache');

  versions.push('2', undefined);
  assert.equal(
    (await read({ 'if-none-match': tag })).status,
    304,
    'the row itself is at this version',
  );
  assert.equal((await read({ 'if-none-match': tag })).status, 304);
  assert.equal((await read({})).status, 200);
  assert.deepEqual(app.calls, ['getNote', 'getNote', 'getNote']);
});

test('who may not read a row is told so before any version of it', async (t) => {
  const keptVersions = { getNote: async () => '1' };
  const app = await startNotes(t, { keptVersions, permissions: [] });

  const answer = await app.fetch('/v1/notes/x', { headers: { 'if-none-match': '*' } });

  assert.equal(answer.status, 403);
});

test('a GET whose tag is still the same is 304 without a body', async (t) => {
  const app = await startNotes(t);
  const { id, tag } = await createNote(app);
  const read = (ifNoneMatch: string) =>
    app.fetch(`/v1/notes/${id}`, { headers: { 'if-none-match': ifNoneMatch } });
  const table: [string, number][] = [
    [tag, 304],
    [`W/${tag}`, 304],
    [`"other", ${tag}`, 304],
    ['*', 304],
    ['"other"', 200],
    [tag.replace('"', '"x'), 200],
  ];

  for (const [ifNoneMatch, status] of table) {
    const response = await read(ifNoneMatch);
    assert.equal(response.status, status, ifNoneMatch);
    assert.equal((await response.text()) === '', status === 304);
    assert.equal(response.headers.get('etag'), tag);
    assert.equal(response.headers.get('cache-control'), 'private, no-cache');
    assert.equal(response.headers.get('vary'), 'Cookie, Authorization');
  }
});

test('an answer without a row has the tag of its bytes', async (t) => {
  const app = await startNotes(t);

  const first = await app.fetch('/v1/notes?limit=3');
  const tag = first.headers.get('etag') ?? '';
  const same = await app.fetch('/v1/notes?limit=3', { headers: { 'if-none-match': tag } });
  const other = await app.fetch('/v1/notes?limit=4', { headers: { 'if-none-match': tag } });

  assert.match(tag, /^"[\w-]{22}"$/u);
  assert.deepEqual([same.status, other.status], [304, 200]);
});

test('a write to a versioned row is held to its version', async (t) => {
  const app = await startNotes(t);
  const { id, tag } = await createNote(app);
  const version = '"1"';
  const missingId = '01890a5d-ac96-774b-bcce-b302099a8099';
  const nine = Array.from({ length: 9 }, (_, index) => `"${index + 5}"`).join(', ');
  const refused: [string, Response, number, string][] = [
    ['no header', await change(app, id), 428, 'http.version_required'],
    ['no tag', await change(app, id, 'abc'), 400, 'http.bad_if_match'],
    ['nine tags', await change(app, id, nine), 400, 'http.bad_if_match'],
    ['another version', await change(app, id, '"7"'), 412, 'http.stale_version'],
    ['several others', await change(app, id, '"7", "8"'), 412, 'http.stale_version'],
    ['a row that is not there', await change(app, missingId, '*'), 404, 'notes.unknown'],
  ];

  for (const [what, response, status, code] of refused) {
    assert.deepEqual(await problemOf(response.clone()), { status, code }, what);
    if (status !== 412) continue;
    assert.match(response.headers.get('etag') ?? '', /-1"$/u);
    assert.deepEqual(Object(await response.json()).context, { current: '1' });
  }

  const accepted = [
    version,
    tag.replace('-1', '-2'),
    `W/${tag.replace('-1', '-3')}`,
    '"9", "4"',
    '*',
  ];
  for (const [index, ifMatch] of accepted.entries()) {
    const response = await change(app, id, ifMatch);
    assert.equal(response.status, 200, ifMatch);
    assert.deepEqual(await response.json(), { id, version: String(index + 2) });
    assert.match(response.headers.get('etag') ?? '', new RegExp(`-${index + 2}"$`, 'u'));
  }
});

test('of many who change the same version exactly one wins', async (t) => {
  const app = await startNotes(t);
  const { id } = await createNote(app);

  const responses = await Promise.all(Array.from({ length: 30 }, () => change(app, id, '"1"')));

  const statuses = responses.map(({ status }) => status).toSorted((a, b) => a - b);
  assert.deepEqual(statuses, [200, ...Array.from({ length: 29 }, () => 412)]);
});
