import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { eventually, startRedis, type RedisServer } from '@plinth/testing';

import { balance } from '../balancer-fixture.ts';
import { readSse, type Reader } from '../sse-fixture.ts';
import { adaOf, startServer } from '../server-fixture.ts';
import { backplaneOn } from './backplane-fixture.ts';

const withinMs = 60_000;
const channel = 't/acme/notes';

async function startNode(t: TestContext, redis: RedisServer) {
  const backplane = backplaneOn(redis.port);
  const config = { userMax: 1_000 };
  const node = await startServer({ backplane, config, auth: () => adaOf() });
  t.after(async () => {
    node.stop();
    await backplane.stop();
  });
  await eventually(() => backplane.isUp, { withinMs });
  return { ...node, backplane };
}

async function read(url: string, cursor?: string): Promise<Reader> {
  const after = cursor === undefined ? '' : `&after=${cursor}`;
  const reader = await readSse(`${url}?ch=${channel}${after}`);
  await eventually(() => reader.of('hello').length === 1, { withinMs });
  return reader;
}

const numbersOf = (reader: Reader) =>
  reader
    .of('message')
    .map((data) => Number(Reflect.get(Object(Reflect.get(Object(data), 1)), 'n')));
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('a message of one process reaches the readers of all, once and in order', async (t) => {
  const redis = await startRedis(t);
  const [one, two] = [await startNode(t, redis), await startNode(t, redis)];
  const readers = [await read(one.url), await read(two.url)];

  for (const n of upTo(50))
    await (n % 2 === 0 ? one : two).notes.publish({ tenant: 'acme' }, { n });

  for (const reader of readers) {
    await eventually(() => numbersOf(reader).length === 50, { withinMs });
    assert.deepEqual(numbersOf(reader), upTo(50));
    reader.cut();
  }
});

test('a reader behind a balancer without sticky sessions misses nothing over 100 reconnections', async (t) => {
  const redis = await startRedis(t);
  const nodes = [await startNode(t, redis), await startNode(t, redis)];
  const { url } = await balance(
    t,
    nodes.map((node) => node.url),
  );
  const [publisher] = nodes;
  assert(publisher !== undefined, 'there are two');
  let sent = 0;
  const heard: number[] = [];
  const cutAfter = [1, 3, 2, 5];
  await publisher.notes.publish({ tenant: 'acme' }, { n: 0 });

  let cursor: string | undefined;
  for (let round = 0; round < 100; round += 1) {
    const reader = await read(url, cursor);
    assert.deepEqual(reader.of('reset'), [], 'nothing has to be asked for again');
    cursor ??= reader.blocks.at(-1)?.id;
    const wanted = cutAfter[round % cutAfter.length] ?? 1;
    // More than this connection will hear: the rest comes while nobody listens.
    for (let more = 0; more < wanted + 2; more += 1)
      await publisher.notes.publish({ tenant: 'acme' }, { n: (sent += 1) });
    await eventually(() => numbersOf(reader).length >= wanted, { withinMs });
    reader.cut();
    const blocks = reader.blocks.filter(({ event }) => event === 'message');
    heard.push(...numbersOf(reader));
    cursor = blocks.at(-1)?.id ?? cursor;
  }
  const last = await read(url, cursor);
  await eventually(() => heard.length + numbersOf(last).length >= sent, { withinMs });

  assert.deepEqual([...heard, ...numbersOf(last)], upTo(sent));
  last.cut();
});

test('a process that starts later replays what the others sent before', async (t) => {
  const redis = await startRedis(t);
  const one = await startNode(t, redis);
  await one.notes.publish({ tenant: 'acme' }, { n: 1 });
  const before = await read(one.url);
  const cursor = before.blocks.find(({ event }) => event === 'hello')?.id;
  before.cut();
  for (const n of [2, 3]) await one.notes.publish({ tenant: 'acme' }, { n });

  const two = await startNode(t, redis);
  const reader = await read(two.url, cursor);

  await eventually(() => numbersOf(reader).length === 2, { withinMs });
  assert.deepEqual(numbersOf(reader), [2, 3]);
  reader.cut();
});

test('a session that is revoked in one process is cut in all within a second', async (t) => {
  const redis = await startRedis(t);
  const [one, two] = [await startNode(t, redis), await startNode(t, redis)];
  const reader = await read(two.url);

  const began = performance.now();
  one.realtime.revoke({ session: 's1' });
  await reader.ended;
  const tookMs = performance.now() - began;

  assert.deepEqual(reader.of('bye'), [{ code: 4004, retryMs: 0 }]);
  assert(tookMs < 1_000, `${tookMs} ms`);
});

test('without Redis a process still tells its own readers, and all are told to ask when it is back', async (t) => {
  const redis = await startRedis(t);
  const [one, two] = [await startNode(t, redis), await startNode(t, redis)];
  const [near, far] = [await read(one.url), await read(two.url)];

  await redis.kill();
  await eventually(() => !one.backplane.isUp && !two.backplane.isUp, { withinMs });
  await one.notes.publish({ tenant: 'acme' }, { n: 7 });
  await eventually(() => numbersOf(near).length === 1, { withinMs });
  assert.deepEqual(numbersOf(far), []);
  await redis.restart();

  await eventually(() => [near, far].every((reader) => reader.of('reset').length > 0), {
    withinMs,
  });
  assert.deepEqual(numbersOf(near), [7], 'nobody hears it twice');
  near.cut();
  far.cut();
});
