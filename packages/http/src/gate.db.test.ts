import assert from 'node:assert/strict';
import { test } from 'node:test';

import { systemClock } from '@plinth/core';
import { eventually } from '@plinth/testing';

import { createApiKey } from './api-keys.ts';
import { createLimiter } from './limiter.ts';
import { config, problemOf, startNotes, tenant, user } from './notes-app.test.ts';

test('another site’s page changes nothing in a person’s name', async (t) => {
  const app = await startNotes(t);
  const send = (headers: Record<string, string>) =>
    fetch(`${app.url}/v1/notes`, {
      method: 'POST',
      body: '{"text":"a"}',
      headers: {
        cookie: `sid=${app.cookie}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
        ...headers,
      },
    });

  const refused = [
    await send({ 'sec-fetch-site': 'cross-site' }),
    await send({ origin: 'https://evil.example' }),
    await send({}),
  ];
  const ours = [await send({ 'sec-fetch-site': 'same-origin' }), await send({ origin: app.url })];

  for (const response of refused) {
    assert.deepEqual(await problemOf(response), { status: 403, code: 'http.csrf' });
  }
  assert.deepEqual(
    ours.map(({ status }) => status),
    [201, 201],
  );
  assert.equal(await app.count(), 2);
});

test('an API key acts in its tenant with its own permissions, and never beside a cookie', async (t) => {
  const { key, id, secretHash } = createApiKey();
  const kept = {
    id,
    secretHash,
    tenant,
    permissions: new Set(['notes.read']),
    expiresMs: Date.now() + 60_000,
  };
  const app = await startNotes(t, {
    identity: {
      apiKey: async (asked) => (asked === id ? kept : undefined),
      permissions: async () => new Set(['notes.read']),
    },
  });
  const ask = (headers: Record<string, string>, method = 'GET') =>
    fetch(`${app.url}/v1/notes`, { method, headers });
  const bearer = { authorization: `Bearer ${key}` };

  assert.equal((await ask(bearer)).status, 200);
  const wrongs = [createApiKey().key, `${key}x`, 'nonsense', ''];
  for (const wrong of wrongs) {
    const response = await ask({ authorization: `Bearer ${wrong}` });
    assert.deepEqual(await problemOf(response), { status: 401, code: 'auth.bad_key' });
  }
  const both = await ask({ ...bearer, cookie: `sid=${app.cookie}` });
  assert.deepEqual(await problemOf(both), { status: 400, code: 'auth.two_credentials' });
  const lesser = await ask({ ...bearer, 'idempotency-key': 'k' }, 'POST');
  assert.deepEqual(await problemOf(lesser), { status: 403, code: 'auth.forbidden' });
});

test('who asks too often is told when to come back', async (t) => {
  const app = await startNotes(t, {
    limiter: createLimiter({ clock: systemClock }),
    rate: { perSecond: 1, burst: 3 },
  });

  const responses = await Promise.all(Array.from({ length: 6 }, () => app.fetch('/v1/notes')));

  const limited = responses.filter(({ status }) => status === 429);
  assert.equal(limited.length, 3);
  for (const response of limited) {
    assert.deepEqual(await problemOf(response), { status: 429, code: 'http.rate_limited' });
    assert.equal(response.headers.get('retry-after'), '1');
  }
});

test('a full process turns away who has the least claim, keeps the connection, and stays alive', async (t) => {
  const released = Promise.withResolvers<void>();
  const app = await startNotes(t, {
    // The limit stays where it starts, at 64: 0.6 of it are for anybody.
    config: { ...config, shedDelayMs: 60_000 },
    extraRoutes: [
      {
        method: 'GET',
        path: '/hold',
        permission: 'session',
        async run({ response }) {
          await released.promise;
          response.writeHead(204).end();
        },
      },
    ],
  });
  const held = Array.from({ length: 45 }, () => app.fetch('/hold'));
  await eventually(() => assert.equal(app.http.inFlight(), 45));

  const anonymous = await fetch(`${app.url}/v1/about`);
  const known = await app.fetch('/v1/notes');
  const alive = await fetch(`${app.url}/healthz/live`);
  released.resolve();

  assert.equal(anonymous.status, 503);
  assert.equal(anonymous.headers.get('plinth-shed'), '1');
  assert.equal(anonymous.headers.get('connection'), 'keep-alive');
  assert.match(anonymous.headers.get('retry-after') ?? '', /^[123]$/u);
  assert.equal(Object(await anonymous.json()).code, 'http.overloaded');
  assert.deepEqual([known.status, alive.status], [200, 200]);
  await Promise.all(held);
  await eventually(async () => assert.equal((await fetch(`${app.url}/v1/about`)).status, 200));
});

test('a route outside the contracts passes the same gate', async (t) => {
  const seen: unknown[] = [];
  const app = await startNotes(t, {
    extraRoutes: [
      {
        method: 'GET',
        path: '/rt/:room',
        permission: 'session',
        stream: true,
        run({ ctx, caller, params, query, response }) {
          seen.push([ctx.tenant, caller.actor.id, { ...params }, query.getAll('ch')]);
          response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
          ctx.signal.addEventListener('abort', () => seen.push('gone'));
        },
      },
    ],
  });
  const controller = new AbortController();

  const refused = await fetch(`${app.url}/rt/a`);
  const open = await app.fetch('/rt/a?ch=1&ch=2', { signal: controller.signal });

  assert.deepEqual(await problemOf(refused), { status: 401, code: 'auth.required' });
  assert.equal(open.headers.get('x-content-type-options'), 'nosniff');
  assert.deepEqual(seen, [[tenant, user, { room: 'a' }, ['1', '2']]]);
  assert.equal(app.http.inFlight(), 1);
  controller.abort();
  await eventually(() => assert.deepEqual(seen.at(-1), 'gone'));
});

test('a trusted proxy hears which tenant it was', async (t) => {
  const plain = await startNotes(t);
  const behind = await startNotes(t, { config: { ...config, trustProxy: ['127.0.0.1'] } });

  assert.equal((await plain.fetch('/v1/notes')).headers.get('plinth-tenant'), null);
  assert.equal((await behind.fetch('/v1/notes')).headers.get('plinth-tenant'), tenant);
});
