import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from './eventually.ts';
import { startCluster, startSentinels } from './redis-groups.ts';
import { startRedis } from './redis.ts';

test('a Redis of its own answers, starts again on its port and is gone with the test', async (t) => {
  const ends: (() => Promise<void>)[] = [];
  const server = await startRedis({ after: (end) => ends.push(end) });
  t.after(() => Promise.all(ends.map((end) => end())));

  await server.run('set', 'a', '1');
  await server.restart();

  assert.equal(await server.run('get', 'a'), '');
  await assert.rejects(server.run('no-such-command'));
  await Promise.all(ends.splice(0).map((end) => end()));
  await assert.rejects(server.run('ping'));
});

test('three sentinels name another master when theirs is killed', async (t) => {
  const { servers, masterPort } = await startSentinels(t);
  assert.equal(await masterPort(), servers[0]?.port);

  await servers[0]?.kill();

  await eventually(async () => (await masterPort()) === servers[1]?.port, { withinMs: 60_000 });
});

test('a slot of a cluster moves with its keys', async (t) => {
  const { masters, ownerOf, moveSlotOf } = await startCluster(t);
  const from = await ownerOf('a');
  await from.run('set', 'a', '1');
  const to = masters.find((one) => one !== from);
  assert(to !== undefined, 'there are three masters');

  await moveSlotOf('a', to);

  assert.equal(await to.run('get', 'a'), '1');
  assert.equal(await ownerOf('a'), to);
});
