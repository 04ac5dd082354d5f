import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createCluster } from './cluster.ts';
import { eventually } from './eventually.ts';

test('createCluster streams to its standbys, holds replay back, and promotes the one that is furthest', async (t) => {
  const cluster = await createCluster(t, { sync: true });
  const isThere = async (node: number) =>
    (await cluster.query(node, `select to_regclass('public.note')`))[0]?.[0] === 'note';

  await cluster.query(0, 'create table public.note (id int primary key)');
  await cluster.caughtUp(0);
  assert.deepEqual([await isThere(1), await isThere(2)], [true, true]);

  await cluster.pauseReplay(2);
  await cluster.query(0, 'drop table public.note');
  await eventually(async () => !(await isThere(1)), { withinMs: 30_000 });
  assert.equal(await isThere(2), true);
  await cluster.resumeReplay(2);
  await cluster.caughtUp(0);

  await cluster.detach(1);
  await cluster.query(0, 'create table public.note (id int primary key)');
  await cluster.kill(0);
  assert.equal(await cluster.furthest(), 2);
  await cluster.promote(2);
  assert.equal(await isThere(2), true);
  await cluster.query(2, 'create table public.other (id int primary key)');
  await cluster.caughtUp(2);
  assert.equal(await isThere(1), true);

  await cluster.revive(0);
  assert.deepEqual(await cluster.query(0, 'select pg_is_in_recovery()'), [['false']]);
});
