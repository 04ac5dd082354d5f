import assert from 'node:assert/strict';
import { test } from 'node:test';

import { noLog } from '@plinth/core';
import { sql, t as types, type Database } from '@plinth/postgres';
import { fakeClock, openDatabase, testCtx } from '@plinth/testing';

import { createKeyRing, type DatabaseKeyRing } from './key-ring.ts';
import { migrations } from './migrations.ts';

const dayMs = 86_400_000;
const master = (id: string, fill: number) => `${id}:${Buffer.alloc(32, fill).toString('base64')}`;
const counting = sql({}, { n: types.int8n, masters: types.text })`
  select count(*) as n, coalesce(string_agg(distinct master_id, ','), '') as masters from http.key`;

function open(database: Database, clock: ReturnType<typeof fakeClock>, text = master('m1', 1)) {
  return createKeyRing({ database: () => database, master: text, clock, log: noLog });
}
function changed(text: string, index: number): string {
  return `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`;
}
function idOf(ring: DatabaseKeyRing): string | undefined {
  return ring.sign('token', data).split('.')[1];
}
const data = Buffer.from('position 17');

test('a token is read by every process, for its purpose alone', async (t) => {
  const database = await openDatabase(t, { migrations: [migrations] });
  const clock = fakeClock();
  const rings = [open(database, clock), open(database, clock)] as const;
  await Promise.all(rings.map((ring) => ring.reload()));
  const [here, elsewhere] = rings;

  const token = here.sign('token', data);
  const sealed = here.seal('cursor', data, 'tenant 1');

  assert.deepEqual(elsewhere.verify('token', token), data);
  assert.deepEqual(elsewhere.open('cursor', sealed, 'tenant 1'), data);
  assert.equal(elsewhere.verify('cookie', token), undefined);
  assert.equal(elsewhere.open('cursor', sealed, 'tenant 2'), undefined);
  assert.equal(elsewhere.open('data', sealed, 'tenant 1'), undefined);
  assert.equal((await database.one(testCtx(), counting, {})).n, 1);
});

test('no changed character of a token passes', async (t) => {
  const database = await openDatabase(t, { migrations: [migrations] });
  const ring = open(database, fakeClock());
  await ring.reload();
  const signed = ring.sign('token', data);
  const sealed = ring.seal('cursor', data, 'a');

  for (let index = 0; index < signed.length - 1; index += 1) {
    assert.equal(ring.verify('token', changed(signed, index)), undefined);
  }
  for (let index = 0; index < sealed.length - 1; index += 1) {
    assert.equal(ring.open('cursor', changed(sealed, index), 'a'), undefined);
  }
  for (const text of ['', '.', 'v1', 'v1...', 'v1.x.y.z', `${signed}.`, sealed]) {
    assert.equal(ring.verify('token', text), undefined);
  }
});

test('over 200 days three processes reject none of their tokens younger than 90 days', async (t) => {
  const database = await openDatabase(t, { migrations: [migrations] });
  const clock = fakeClock();
  const rings = [open(database, clock), open(database, clock), open(database, clock)];
  const signed: { token: string; atMs: number }[] = [];
  await Promise.all(rings.map((ring) => ring.reload()));

  for (let day = 0; day < 200; day += 1) {
    // Each process reloads at its own time, as their timers do.
    await rings[day % 3]?.reload();
    for (const ring of rings) signed.push({ token: ring.sign('cookie', data), atMs: clock.now() });
    await clock.advance(dayMs / 2);
    await rings[(day + 1) % 3]?.reload();
    await rings[(day + 2) % 3]?.reload();
    const young = signed.filter(({ atMs }) => clock.now() - atMs < 90 * dayMs);
    assert(young.every(({ token }) => rings.every((ring) => ring.verify('cookie', token))));
    await clock.advance(dayMs / 2);
  }

  const oldest = signed[0]?.token ?? '';
  assert.equal(rings[0]?.verify('cookie', oldest), undefined);
  assert((await database.one(testCtx(), counting, {})).n >= 6);
});

test('a new key is known an hour before it signs', async (t) => {
  const database = await openDatabase(t, { migrations: [migrations] });
  const clock = fakeClock();
  const ring = open(database, clock);
  await ring.reload();
  const first = idOf(ring);

  await clock.advance(30 * dayMs);
  await ring.reload();
  assert.equal((await database.one(testCtx(), counting, {})).n, 2);
  assert.equal(idOf(ring), first);

  await clock.advance(3_600_000);
  assert.notEqual(idOf(ring), first);
});

test('a wrong master key opens nothing and makes no new key', async (t) => {
  const database = await openDatabase(t, { migrations: [migrations] });
  const clock = fakeClock();
  await open(database, clock).reload();

  const wrong = { code: 'http.wrong_master_key' };
  await assert.rejects(open(database, clock, master('m1', 2)).reload(), wrong);
  await assert.rejects(open(database, clock, master('m2', 1)).reload(), wrong);
  await clock.advance(40 * dayMs);
  await assert.rejects(open(database, clock, master('m1', 2)).reload(), wrong);

  assert.equal((await database.one(testCtx(), counting, {})).n, 1);
});

test('after a change of the master, keys are wrapped by the new one, and tokens stay good', async (t) => {
  const database = await openDatabase(t, { migrations: [migrations] });
  const clock = fakeClock();
  const before = open(database, clock);
  await before.reload();
  const token = before.sign('token', data);
  const pepper = before.peppers.current();

  await open(database, clock, `${master('m2', 2)},${master('m1', 1)}`).reload();
  const after = open(database, clock, master('m2', 2));
  await after.reload();

  assert.deepEqual(after.verify('token', token), data);
  assert.deepEqual(after.peppers.find(pepper.keyId), pepper.pepper);
  assert.deepEqual(await database.one(testCtx(), counting, {}), { n: 1, masters: 'm2' });
});

test('a master key of another form is refused without being shown', () => {
  for (const text of ['', 'm1', 'm1:short', `:${Buffer.alloc(32).toString('base64')}`]) {
    assert.throws(
      () => createKeyRing({ database: neverAsked, master: text, clock: fakeClock(), log: noLog }),
      (error: Error) => !error.message.includes('short'),
    );
  }
});

function neverAsked(): never {
  throw new TypeError('no database is asked');
}
