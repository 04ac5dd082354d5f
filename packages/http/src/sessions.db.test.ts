import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createIds, noLog, systemClock } from '@plinth/core';
import { sql } from '@plinth/postgres';
import { eventually, fakeClock, openDatabase, testCtx } from '@plinth/testing';

import { createKeyRing } from './key-ring.ts';
import { migrations } from './migrations.ts';
import { problemOf, startNotes, tenant, user } from './notes-app.test.ts';
import { createSessionStore } from './sessions.ts';

const master = `m1:${Buffer.alloc(32, 1).toString('base64')}`;
const other = '01890a5d-ac96-774b-bcce-b302099a8059';

async function openStores(t: Parameters<typeof openDatabase>[0]) {
  const database = await openDatabase(t, { migrations: [migrations] });
  const clock = fakeClock(Date.now());
  const keys = createKeyRing({ database: () => database, master, clock, log: noLog });
  await keys.reload();
  const open = () => createSessionStore({ database, keys, clock, log: noLog });
  return { database, clock, here: open(), elsewhere: open() };
}

test('a session opens with its cookie, and with nothing else', async (t) => {
  const { here, elsewhere } = await openStores(t);
  const { cookie, session } = await here.create({ user, tenant, level: 2, userAgent: 'Firefox' });

  const read = await elsewhere.read(cookie);

  assert.deepEqual(
    [read?.id, read?.user, read?.tenant, read?.level, read?.userAgent],
    [session.id, user, tenant, 2, 'Firefox'],
  );
  assert.equal(cookie.split('.').length, 3);
  for (const [at, part] of cookie.split('.').entries()) {
    const forged = cookie
      .split('.')
      .with(at, `${part.startsWith('A') ? 'B' : 'A'}${part.slice(1)}`);
    assert.equal(await elsewhere.read(forged.join('.')), undefined, `part ${at} forged`);
  }
  assert.equal(await elsewhere.read(session.id), undefined);
  assert.equal(elsewhere.peek('nonsense'), undefined);
});

test('a revoked session ends at once here, within a second elsewhere', async (t) => {
  const { here, elsewhere, clock } = await openStores(t);
  const { cookie, session } = await here.create({ user, level: 1 });
  await elsewhere.read(cookie);

  await here.revoke(session.id);

  assert.equal(here.peek(cookie), undefined);
  assert.equal(await here.read(cookie), undefined);
  assert.equal(elsewhere.peek(cookie)?.id, session.id);
  await clock.advance(1_000);
  assert.equal(elsewhere.peek(cookie), undefined);
  assert.equal(await elsewhere.read(cookie), undefined);
});

test('all sessions of a user end but the one that is kept, nobody else’s', async (t) => {
  const { here } = await openStores(t);
  const [first, second, foreign] = [
    await here.create({ user, level: 1 }),
    await here.create({ user, level: 1 }),
    await here.create({ user: other, level: 1 }),
  ];

  assert.equal((await here.list(user)).length, 2);
  assert.equal(await here.revokeUser(user, { except: second.session.id }), 1);

  assert.equal(await here.read(first.cookie), undefined);
  assert.equal((await here.read(second.cookie))?.user, user);
  assert.equal((await here.read(foreign.cookie))?.user, other);
});

test('at a switch the session has a new id, and the old one is dead', async (t) => {
  const { here } = await openStores(t);
  const old = await here.create({ user, tenant, level: 1 });

  const next = await here.replace(old.session.id, { user, tenant: other, level: 1 });

  assert.notEqual(next.session.id, old.session.id);
  assert.equal((await here.read(next.cookie))?.tenant, other);
  assert.equal(await here.read(old.cookie), undefined);
});

const sleepLong = sql({}, {})`
  update http.session set idle_until = now() - interval '1 s'`;
const ageMinutes = sql({}, {})`
  update http.session set seen_at = now() - interval '5 min', idle_until = now() + interval '1 min'`;

test('a session that nobody used for its idle time is over, and is removed', async (t) => {
  const { here, elsewhere, database } = await openStores(t);
  const { cookie } = await here.create({ user, level: 1 });
  await database.run(testCtx(), sleepLong, {});

  assert.equal(await elsewhere.read(cookie), undefined);
  assert.equal(await here.purge(), 1);
});

test('use is noted once a minute, and moves the idle end', async (t) => {
  const { elsewhere, here, database } = await openStores(t);
  const { cookie } = await here.create({ user, level: 1 });
  await database.run(testCtx(), ageMinutes, {});
  const read = await elsewhere.read(cookie);
  assert(read !== undefined && read.idleSinceMs >= 300_000);

  elsewhere.touch(read);

  await eventually(async () => {
    const touched = await elsewhere.read(cookie);
    assert((touched?.idleSinceMs ?? Infinity) < 60_000);
    assert((touched?.endsMs ?? 0) > read.endsMs);
  });
});

test('a request with a revoked session is told to sign in', async (t) => {
  const app = await startNotes(t);
  const [session] = await app.sessions.list(user);
  assert.equal((await app.fetch('/v1/notes')).status, 200);

  await app.sessions.revoke(session?.id ?? '');

  assert.deepEqual(await problemOf(await app.fetch('/v1/notes')), {
    status: 401,
    code: 'auth.required',
  });
});

test('who was known a moment ago goes on while the store is slow', async (t) => {
  const asked = { count: 0 };
  const app = await startNotes(t, {
    identity: {
      apiKey: async () => undefined,
      permissions: () => {
        asked.count += 1;
        return asked.count === 1
          ? Promise.resolve(new Set(['notes.read']))
          : new Promise<never>(() => {});
      },
    },
  });
  await app.fetch('/v1/notes');

  await eventually(async () => {
    assert.equal((await app.fetch('/v1/notes')).status, 200);
    assert(asked.count >= 2);
  });
});

test('a store that is slow is 503, never a sign-out', async (t) => {
  const forever = new Promise<never>(() => {});
  const newId = createIds(systemClock);
  const app = await startNotes(t, {
    newId,
    identity: { apiKey: async () => undefined, permissions: () => forever },
  });

  const response = await app.fetch('/v1/notes');

  assert.deepEqual(await problemOf(response), { status: 503, code: 'auth.unavailable' });
});
