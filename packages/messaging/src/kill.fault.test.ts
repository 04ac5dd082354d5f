import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { test, type TestContext } from 'node:test';

import { createIds, noLog, systemClock } from '@plinth/core';
import { createDatabase, sql, t as types } from '@plinth/postgres';
import { cloneDatabase, eventually, startProcess, testCtx } from '@plinth/testing';

import { createMessaging } from './create-messaging.ts';
import { brokenKeys, countedLedger, shopMigrations, tenantA } from './shop-fixture.ts';
import { systemContext } from './system-context.ts';

const worker = fileURLToPath(new URL('worker-fixture.ts', import.meta.url));
const ctx = () => testCtx({ tenant: tenantA });
const newId = createIds(systemClock);

/** So that a test need not wait until a dead process's leases are over. A stopped one may hold some of the rows. */
const endLeases = sql({}, {})`
  with gone as (delete from plinth.consumer),
  held as (select sub, part from plinth.lease where owner is not null for update skip locked)
  update plinth.lease l set until = '-infinity'
  from held where l.sub = held.sub and l.part = held.part`;
const acknowledged = sql({}, { n: types.int8n })`
  select coalesce(sum(value), 0)::bigint as n from shop.counter`;

async function start(t: TestContext) {
  const { url, adminUrl } = await cloneDatabase(t, { migrations: shopMigrations });
  const database = createDatabase({ url });
  const admin = createDatabase({ url: adminUrl });
  t.after(() => Promise.all([database.drain(0), admin.drain(0)]));
  const run = (publishers: number, crashAt = '') =>
    startProcess(
      t,
      [process.execPath, worker, url, String(publishers), crashAt],
      crashAt === '' ? { ready: /ready/u } : {},
    );
  const settle = async () => {
    const needs = { database, clock: systemClock, newId, log: noLog };
    await createMessaging(needs).settled(AbortSignal.timeout(30_000));
  };
  const check = async () => {
    const sent = await database.one(ctx(), acknowledged, {});
    for (const subscription of ['one', 'batch']) {
      assert.deepEqual(await database.many(ctx(), brokenKeys, { subscription }), []);
      assert.deepEqual(await database.one(ctx(), countedLedger, { subscription }), sent);
    }
    return sent.n;
  };
  const release = () => admin.write(systemContext(), (tx) => tx.run(endLeases, {}));
  return { database, run, settle, check, release };
}

for (const point of ['relay.page', 'claimed', 'handled', 'committed']) {
  test(`a process that dies at ${point} leaves every event to be handled once, in order`, async (t) => {
    const { run, settle, check, release } = await start(t);
    const dying = await run(2, point);
    assert.equal(await dying.exit, 'SIGKILL');

    await release();
    const next = await run(0);
    await settle();
    next.kill();

    assert.equal(await next.exit, 0);
    assert((await check()) > 0, 'something was published');
  });
}

test('processes killed and stopped at random lose, double and reorder nothing', async (t) => {
  const { run, settle, check, release } = await start(t);
  for (let round = 0; round < 4; round += 1) {
    const [first, second] = await Promise.all([run(2), run(2)]);
    await systemClock.sleep(200 + Math.random() * 500, new AbortController().signal);
    first.kill('SIGKILL');
    // Stopped while another takes its leases, it must not go on with what it had in hand.
    second.stop();
    await release();
    const third = await run(2);
    await systemClock.sleep(300, new AbortController().signal);
    second.cont();
    await systemClock.sleep(200, new AbortController().signal);
    second.kill('SIGKILL');
    third.kill('SIGKILL');
    await Promise.all([first.exit, second.exit, third.exit]);
    await release();
  }

  const last = await run(0);
  await settle();
  last.kill();

  assert.equal(await last.exit, 0);
  assert((await check()) > 100, 'enough was published to tell');
});

test('a process that dies without a word is followed by another within 20 s', async (t) => {
  const { database, run, settle, check } = await start(t);
  const first = await run(2);
  await eventually(async () => {
    const { n } = await database.one(ctx(), countedLedger, { subscription: 'one' });
    assert(n > 0);
  });
  const next = await run(0);
  first.kill('SIGKILL');
  await first.exit;
  const startedMs = performance.now();

  await settle();

  assert(performance.now() - startedMs < 20_500, 'the leases are over after 15 s');
  assert((await check()) > 0);
  next.kill();
  await next.exit;
});
