import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { eventually, fakeClock } from '@plinth/testing';

import { readSse, type ReadOptions } from './sse-fixture.ts';
import { adaOf, startServer } from './server-fixture.ts';

const acme = { tenant: 'acme' };
const notesOfAcme = 't/acme/notes';

async function start(t: TestContext, options: Parameters<typeof startServer>[0] = {}) {
  const server = await startServer(options);
  t.after(() => server.stop());
  const read = (query: string, more?: ReadOptions) => readSse(`${server.url}?${query}`, more);
  return { ...server, read };
}

test('a connection is greeted, then gets the messages of its channels', async (t) => {
  const { read, notes, users } = await start(t);
  const reader = await read(`ch=${notesOfAcme}`);
  await eventually(() => assert.equal(reader.of('hello').length, 1));

  await users.publish({ user: 'ada' }, { n: 7 });
  await notes.publish(acme, { n: 1 }, { position: 'p1' });
  await eventually(() => assert.equal(reader.of('message').length, 1));

  assert.equal(reader.status, 200);
  assert.equal(reader.headers['content-type'], 'text/event-stream');
  assert.equal(reader.headers['cache-control'], 'no-store, no-transform');
  assert.equal(reader.headers['x-accel-buffering'], 'no');
  assert(
    reader.text().startsWith('retry: 2000\n\nid: '),
    'the wait, then the greeting with its place',
  );
  const [hello] = reader.of('hello');
  assert.partialDeepStrictEqual(hello, { heartbeatMs: 15_000, resumed: false });
  assert.deepEqual(reader.of('message'), [[notesOfAcme, { n: 1 }, 'p1']]);
  assert.match(reader.blocks.at(-1)?.id ?? '', /^[0-9a-f]{12}:2$/u);
});

test('a reader that comes back gets what it missed, once, and then what is new', async (t) => {
  const { read, notes } = await start(t);
  const first = await read(`ch=${notesOfAcme}`);
  await notes.publish(acme, { n: 1 });
  await eventually(() => assert.equal(first.of('message').length, 1));
  first.cut();
  await notes.publish(acme, { n: 2 });
  await notes.publish(acme, { n: 3 });

  const cursor = first.blocks.at(-1)?.id ?? '';
  const byHeader = await read(`ch=${notesOfAcme}`, { headers: { 'last-event-id': cursor } });
  const byQuery = await read(`ch=${notesOfAcme}&after=${cursor}`);
  await eventually(() => assert.equal(byQuery.of('hello').length, 1));
  await notes.publish(acme, { n: 4 });

  for (const reader of [byHeader, byQuery]) {
    await eventually(() => assert.equal(reader.of('message').length, 3));
    assert.deepEqual(
      reader.of('message'),
      [2, 3, 4].map((n) => [notesOfAcme, { n }]),
    );
    assert.partialDeepStrictEqual(reader.of('hello')[0], { resumed: true });
  }
});

test('a cursor that cannot be honoured is told, or counts as none', async (t) => {
  const { read, notes } = await start(t);
  for (let n = 1; n <= 1_002; n += 1) await notes.publish(acme, { n });
  const probe = await read(`ch=${notesOfAcme}`);
  await eventually(() => assert.equal(probe.of('hello').length, 1));
  const epoch = (probe.blocks[0]?.id ?? '').split(':')[0] ?? '';

  const cases = [
    { cursor: `${epoch}:1`, why: 'much' },
    { cursor: `${epoch}:2000`, why: 'epoch' },
    { cursor: '000000000000:1', why: 'epoch' },
    { cursor: `${epoch}:1,1`, why: 'epoch' },
    { cursor: 'what is this', why: undefined },
  ];
  for (const { cursor, why } of cases) {
    const reader = await read(`ch=${notesOfAcme}&after=${encodeURIComponent(cursor)}`);
    await eventually(() => assert.equal(reader.of('hello').length, 1));
    await eventually(() => assert.equal(reader.of('reset').length, why === undefined ? 0 : 1));
    const expected = why === undefined ? [] : [{ channels: [notesOfAcme], why }];
    assert.deepEqual(reader.of('reset'), expected);
    assert.deepEqual(reader.of('message'), []);
    assert.partialDeepStrictEqual(reader.of('hello')[0], { resumed: false });
  }
});

test('a channel that is not theirs is denied to a reader, and the others stay', async (t) => {
  const { read, notes } = await start(t);
  const channels = ['t/other/notes', 'u/bob', 'nothing/here', notesOfAcme];
  const reader = await read(channels.map((name) => `ch=${name}`).join('&'));
  await eventually(() => assert.equal(reader.of('deny').length, 3));

  await notes.publish({ tenant: 'other' }, { n: 1 });
  await notes.publish(acme, { n: 2 });
  await eventually(() => assert.equal(reader.of('message').length, 1));

  assert.deepEqual(reader.of('message'), [[notesOfAcme, { n: 2 }]]);
  const codes = reader.of('deny').map((deny) => {
    assert(typeof deny === 'object' && deny !== null && 'problem' in deny && 'ch' in deny);
    assert(typeof deny.problem === 'object' && deny.problem !== null && 'code' in deny.problem);
    return [deny.ch, deny.problem.code];
  });
  assert.deepEqual(codes, [
    ['t/other/notes', 'realtime.forbidden'],
    ['u/bob', 'realtime.forbidden'],
    ['nothing/here', 'realtime.bad_channel'],
  ]);
});

test('the channels of an open connection can be changed by its own session only', async (t) => {
  const { read, notes, users, realtime } = await start(t);
  const reader = await read(`ch=${notesOfAcme}`);
  const hello = await eventually(() => {
    const [block] = reader.of('hello');
    assert(typeof block === 'object' && block !== null && 'conn' in block);
    return String(block.conn);
  });

  const byStranger = await realtime.setChannels(hello, ['u/ada'], { ...adaOf(), session: 's2' });
  const byItself = await realtime.setChannels(hello, ['u/ada'], adaOf());
  const ofNobody = await realtime.setChannels('nobody', ['u/ada'], adaOf());
  await notes.publish(acme, { n: 1 });
  await users.publish({ user: 'ada' }, { n: 2 });
  await eventually(() => assert.equal(reader.of('message').length, 1));

  assert.deepEqual([byStranger, byItself, ofNobody], [false, true, false]);
  assert.deepEqual(reader.of('message'), [['u/ada', { n: 2 }]]);
});

test('a page of another origin, and one connection too many, are refused before they begin', async (t) => {
  const config = { origins: ['https://ours.example'], userMax: 2 };
  const { read } = await start(t, { config });
  const foreign = await read('ch=u/ada', { headers: { origin: 'https://theirs.example' } });
  const silent = await read('ch=u/ada', { headers: { 'sec-fetch-site': 'none' } });
  const ours = await read('ch=u/ada', { headers: { origin: 'https://ours.example' } });
  const withKey = await read('ch=u/ada', {
    headers: { 'sec-fetch-site': 'none', authorization: 'Bearer plk_1' },
  });

  const third = await read('ch=u/ada');
  ours.cut();
  const after = await eventually(async () => {
    const reader = await read('ch=u/ada');
    assert.equal(reader.status, 200);
    return reader;
  });

  assert.deepEqual(
    [foreign, silent, ours, withKey, third, after].map(({ status }) => status),
    [403, 403, 200, 200, 429, 200],
  );
  assert.equal(third.headers['retry-after'], '5');
});

test('more than 32 channels are refused', async (t) => {
  const { read } = await start(t);
  const names = Array.from({ length: 33 }, (_, n) => `ch=t/acme/notes${n}`);

  assert.equal((await read(names.slice(1).join('&'))).status, 200);
  assert.equal((await read(names.join('&'))).status, 400);
});

test('a session that is revoked loses its connections with 4004', async (t) => {
  const { read, realtime } = await start(t);
  const reader = await read('ch=u/ada');
  await eventually(() => assert.equal(reader.of('hello').length, 1));

  const ended = realtime.revoke({ session: 's1' });
  await reader.ended;

  assert.equal(ended, 1);
  assert.deepEqual(reader.of('bye'), [{ code: 4004, retryMs: 0 }]);
});

test('a session that expires is warned 30 s before, and loses its connection with 4005', async (t) => {
  const clock = fakeClock();
  const expiresMs = clock.now() + 60_000;
  const { read } = await start(t, {
    clock,
    auth: () => ({ ...adaOf(clock), expiresMs }),
  });
  const reader = await read('ch=u/ada');
  await eventually(() => assert.equal(reader.of('hello').length, 1));

  await clock.advance(29_000);
  assert.deepEqual(reader.of('renew'), []);
  await clock.advance(2_000);
  await eventually(() => assert.equal(reader.of('renew').length, 1));
  await clock.advance(30_000);
  await reader.ended;

  assert.deepEqual(reader.of('bye'), [{ code: 4005, retryMs: 0 }]);
});

test('a heartbeat comes every 15 s', async (t) => {
  const clock = fakeClock();
  const { read } = await start(t, { clock });
  const reader = await read('ch=u/ada');
  await eventually(() => assert.equal(reader.of('hello').length, 1));

  await clock.advance(15_000);
  await clock.advance(15_000);

  await eventually(() => assert.deepEqual(reader.of('hb'), [1, 1]));
  assert(reader.text().includes('\n: hb\n'), 'as a comment as well');
});

test('a message published in a transaction is sent once that has committed', async (t) => {
  const { read, notes } = await start(t);
  const reader = await read(`ch=${notesOfAcme}`);
  await eventually(() => assert.equal(reader.of('hello').length, 1));
  const afters: (() => void)[] = [];
  const tx = { after: (work: () => void) => void afters.push(work) };

  await notes.publish(acme, { n: 1 }, { tx });
  await notes.publish(acme, { n: 2 });
  for (const work of afters) work();
  await eventually(() => assert.equal(reader.of('message').length, 2));

  assert.deepEqual(
    reader.of('message'),
    [2, 1].map((n) => [notesOfAcme, { n }]),
  );
});

test('presence names who is connected', async (t) => {
  const { read, notes } = await start(t);
  const reader = await read(`ch=${notesOfAcme}`);
  await eventually(async () => assert.equal((await notes.presence(acme)).length, 1));
  assert.equal((await notes.presence(acme))[0]?.user, 'ada');

  reader.cut();

  await eventually(async () => assert.deepEqual(await notes.presence(acme), []));
});

test('drain tells all to come back later, closes them, and takes no more', async (t) => {
  const { read, realtime } = await start(t, { config: { userMax: 300 } });
  const readers = await Promise.all(Array.from({ length: 150 }, () => read('ch=u/ada')));
  await eventually(() => assert(readers.every((reader) => reader.of('hello').length === 1)));

  const report = await realtime.drain(5_000);
  await Promise.all(readers.map((reader) => reader.ended));
  const late = await read('ch=u/ada');

  assert.deepEqual(report, { finished: 150, cancelled: 0 });
  const waits = readers.map((reader) => {
    const [bye] = reader.of('bye');
    assert(typeof bye === 'object' && bye !== null && 'code' in bye && 'retryMs' in bye);
    assert.equal(bye.code, 4012);
    return Number(bye.retryMs);
  });
  assert(Math.max(...waits) < 10_000 && Math.max(...waits) - Math.min(...waits) > 5_000, 'spread');
  assert.equal(late.status, 503);
});

test('publish refuses what its channel does not carry', async (t) => {
  const { notes } = await start(t);

  await assert.rejects(notes.publish(acme, { n: 0.5 }), { code: 'realtime.bad_message' });
  await assert.rejects(notes.publish({ tenant: 'a/b' }, { n: 1 }), {
    code: 'realtime.bad_channel',
  });
});
