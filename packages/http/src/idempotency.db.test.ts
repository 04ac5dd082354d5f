import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sql, t as types } from '@plinth/postgres';
import { testCtx } from '@plinth/testing';

import { purgeIdempotency } from './idempotency.ts';
import { problemOf, startNotes, tenant, type NotesApp } from './notes-app.test.ts';

function create(app: NotesApp, key: string, body: unknown = { text: 'a' }): Promise<Response> {
  return app.fetch('/v1/notes', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'idempotency-key': key },
  });
}

test('a repeated command answers what the first one did, and does nothing', async (t) => {
  const app = await startNotes(t);

  const first = await create(app, 'k1', { text: 'a', meta: { colour: 'red' } });
  const second = await create(app, 'k1', { meta: { colour: 'red' }, text: 'a' });

  assert.deepEqual([first.status, second.status], [201, 201]);
  assert.equal(await second.text(), await first.text());
  assert.equal(second.headers.get('idempotency-replayed'), 'true');
  assert.equal(first.headers.get('idempotency-replayed'), null);
  for (const name of ['location', 'etag', 'content-type', 'cache-control']) {
    assert.equal(second.headers.get(name), first.headers.get(name));
  }
  assert.equal(await app.count(), 1);
});

test('fifty at once with one key have one effect and one answer', async (t) => {
  const app = await startNotes(t);

  const responses = await Promise.all(Array.from({ length: 50 }, () => create(app, 'k1')));
  const bodies = new Set(await Promise.all(responses.map((response) => response.text())));

  assert(responses.every(({ status }) => status === 201));
  assert.equal(bodies.size, 1);
  assert.equal(await app.count(), 1);
  assert.equal(app.calls.length, 1);
});

test('a key stands for one command: another body is 422', async (t) => {
  const app = await startNotes(t);
  await create(app, 'k1');

  const other = await create(app, 'k1', { text: 'b' });

  assert.deepEqual(await problemOf(other), { status: 422, code: 'http.idempotency_reused' });
  assert.equal(await app.count(), 1);
});

test('a command that failed left nothing behind, so its key runs again', async (t) => {
  const app = await startNotes(t);

  const failed = await create(app, 'k1', { text: 'refuse' });
  const again = await create(app, 'k1', { text: 'fine' });

  assert.deepEqual(await problemOf(failed), { status: 422, code: 'notes.refused' });
  assert.equal(again.status, 201);
  assert.equal(await app.count(), 1);
});

test('the key of a command is required where it says so, and has a form', async (t) => {
  const app = await startNotes(t);
  const send = (headers: Record<string, string>) =>
    app.fetch('/v1/notes', { method: 'POST', body: '{"text":"a"}', headers });

  const none = await send({});
  const long = await send({ 'idempotency-key': 'k'.repeat(256) });
  const longest = await send({ 'idempotency-key': 'k'.repeat(255) });

  assert.deepEqual(await problemOf(none), { status: 400, code: 'http.idempotency_key_required' });
  assert.deepEqual(await problemOf(long), { status: 400, code: 'http.bad_idempotency_key' });
  assert.equal(longest.status, 201);
});

test('a key that another process holds is waited for, then told to be busy', async (t) => {
  const app = await startNotes(t);
  const held = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const ctx = testCtx({ tenant });
  const actor = sql({}, { id: types.uuid })`select user_id as id from http.session limit 1`;
  const { id } = await app.database.one(ctx, actor, {});
  const other = app.database.write(ctx, async (tx) => {
    await tx.run(takeAway, { tenant, actor: id });
    taken.resolve();
    await held.promise;
  });
  await taken.promise;

  const response = await create(app, 'k1');
  held.resolve();
  await other;

  assert.deepEqual(await problemOf(response), { status: 409, code: 'http.idempotency_busy' });
  assert.equal(response.headers.get('retry-after'), '1');
  assert.equal(await app.count(), 0);
});

const takeAway = sql({ tenant: types.uuid, actor: types.text }, {})`
  insert into http.idempotency (tenant_id, actor_id, operation, key, fingerprint, expires_at)
  values (${'tenant'}, ${'actor'}, 'notes.createNote', 'k1', '\\x00', now() + interval '1 day')`;

const age = sql({}, {})`update http.idempotency set expires_at = now() - interval '1 s'`;

test('answers older than a day are removed, of every tenant', async (t) => {
  const app = await startNotes(t);
  await create(app, 'k1');
  await create(app, 'k2');

  assert.equal(await purgeIdempotency(app.database), 0);
  await app.database.run(testCtx({ tenant }), age, {});
  assert.equal(await purgeIdempotency(app.database), 2);
});
