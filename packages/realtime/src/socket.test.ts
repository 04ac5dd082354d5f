import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { eventually, fakeClock } from '@plinth/testing';

import { adaOf, startServer } from './server-fixture.ts';
import {
  clientFrame,
  readSocket,
  type SocketOptions,
  type SocketReader,
} from './socket-fixture.ts';
import { readSse } from './sse-fixture.ts';

const acme = { tenant: 'acme' };
const notesOfAcme = 't/acme/notes';
const withinMs = 30_000;

async function start(t: TestContext, options: Parameters<typeof startServer>[0] = {}) {
  const server = await startServer(options);
  t.after(() => server.stop());
  const dial = (query = '', more?: SocketOptions) => readSocket(`${server.url}/ws?${query}`, more);
  return { ...server, dial };
}

const greeted = (reader: SocketReader) =>
  eventually(() => assert.equal(reader.of('hello').length, 1), { withinMs });
const closed = (reader: SocketReader, code: number) =>
  eventually(() => assert.equal(reader.closeCode, code), { withinMs });

test('a socket is greeted, then gets the messages of its channels', async (t) => {
  const { dial, notes, users, realtime } = await start(t);
  const reader = await dial(`ch=${notesOfAcme}`);
  await greeted(reader);

  await users.publish({ user: 'ada' }, { n: 7 });
  await notes.publish(acme, { n: 1 }, { position: 'p1' });
  await notes.publish(acme, { n: 2, text: 'ä'.repeat(40_000) });
  await eventually(() => assert.equal(reader.of('m').length, 2), { withinMs });

  assert.deepEqual([reader.status, reader.headers['sec-websocket-protocol']], [101, 'plinth.rt.1']);
  assert.partialDeepStrictEqual(reader.of('hello')[0]?.[0], {
    heartbeatMs: 15_000,
    resumed: false,
  });
  const [first, second] = reader.of('m');
  assert.deepEqual(first?.slice(1), [notesOfAcme, { n: 1 }, 'p1']);
  assert.equal(JSON.stringify(second).length > 40_000, true, 'a long one is whole');
  assert.partialDeepStrictEqual(realtime.stats(), { connections: 1, sockets: 1 });
});

test('a cursor of one transport is good for the other: what was missed comes once', async (t) => {
  const { dial, notes, url } = await start(t);
  const first = await dial(`ch=${notesOfAcme}`);
  await greeted(first);
  await notes.publish(acme, { n: 1 });
  await eventually(() => assert.equal(first.of('m').length, 1), { withinMs });
  first.cut();
  await notes.publish(acme, { n: 2 });

  const stream = await readSse(`${url}?ch=${notesOfAcme}&after=${first.cursor}`);
  await eventually(() => assert.equal(stream.of('message').length, 1), { withinMs });
  await notes.publish(acme, { n: 3 });
  const second = await dial(`ch=${notesOfAcme}&after=${stream.blocks.at(-1)?.id ?? ''}`);
  const third = await dial(`ch=${notesOfAcme}&after=000000000000:1`);
  await eventually(() => assert.equal(second.of('m').length + third.of('reset').length, 2), {
    withinMs,
  });

  assert.deepEqual(stream.of('message')[0], [notesOfAcme, { n: 2 }]);
  assert.deepEqual(second.of('m')[0]?.slice(1), [notesOfAcme, { n: 3 }]);
  assert.partialDeepStrictEqual(second.of('hello')[0]?.[0], { resumed: true });
  assert.deepEqual(third.of('reset')[0]?.[0], { channels: [notesOfAcme], why: 'epoch' });
});

test('a socket takes and leaves channels by its words, and is denied what is not its own', async (t) => {
  const { dial, notes, users } = await start(t);
  const reader = await dial();
  await greeted(reader);

  for (const channel of ['t/other/notes', notesOfAcme, 'u/ada']) reader.send('sub', channel);
  reader.send('unsub', notesOfAcme);
  // Words are done in their order: the answer to the last shows that all are.
  reader.send('sub', 'nothing/here');
  await eventually(() => assert.equal(reader.of('deny').length, 2), { withinMs });
  await notes.publish(acme, { n: 1 });
  await users.publish({ user: 'ada' }, { n: 2 });
  await eventually(() => assert.equal(reader.of('m').length, 1), { withinMs });

  assert.deepEqual(
    reader.of('deny').map(([deny]) => Reflect.get(Object(deny), 'ch')),
    ['t/other/notes', 'nothing/here'],
  );
  assert.deepEqual(reader.of('m')[0]?.slice(1), ['u/ada', { n: 2 }]);
});

test('a socket has at most 64 channels', async (t) => {
  const { dial } = await start(t, { auth: () => adaOf() });
  const names = Array.from({ length: 65 }, (_, n) => `ch=t/acme/notes${n}`);
  const [fits, tooMany] = [await dial(names.slice(1).join('&')), await dial(names.join('&'))];

  assert.deepEqual([fits.status, tooMany.status], [101, 400]);
});

test('clients speak to each other in channels that let them, and nowhere else', async (t) => {
  const { dial } = await start(t);
  const [ada, bob] = [await dial('ch=t/acme/talk'), await dial(`ch=t/acme/talk&ch=${notesOfAcme}`)];
  await Promise.all([greeted(ada), greeted(bob)]);

  ada.send('pub', 't/acme/talk', { n: 1 }, 1);
  ada.send('pub', 't/acme/talk', { n: 'one' }, 2);
  ada.send('pub', notesOfAcme, { n: 1 }, 3);
  bob.send('pub', notesOfAcme, { n: 1 }, 4);
  await eventually(() => assert.equal(ada.of('nack').length + bob.of('nack').length, 3), {
    withinMs,
  });
  await eventually(() => assert.equal(bob.of('m').length, 1), { withinMs });

  assert.deepEqual(ada.of('ack'), [[1]]);
  assert.deepEqual(bob.of('m')[0]?.slice(1), ['t/acme/talk', { n: 1 }]);
  const codes = [...ada.of('nack'), ...bob.of('nack')].map(([n, problem]) => [
    n,
    Reflect.get(Object(problem), 'code'),
  ]);
  assert.deepEqual(codes, [
    [2, 'realtime.bad_message'],
    [3, 'realtime.forbidden'],
    [4, 'realtime.forbidden'],
  ]);
  assert.deepEqual(ada.of('m'), [], 'nobody hears themselves');
});

test('what is no opening of ours, or of another origin, is refused before the upgrade', async (t) => {
  const { dial } = await start(t, { config: { origins: ['https://ours.example'] } });
  const cases: [Record<string, string>, number][] = [
    [{ origin: 'https://ours.example' }, 101],
    [{ origin: 'https://theirs.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-websocket-protocol': 'chat' }, 400],
    [{ 'sec-websocket-version': '8' }, 400],
    [{ 'sec-websocket-key': 'short' }, 400],
  ];
  for (const [headers, status] of cases) {
    const reader = await dial('', { headers });
    assert.equal(reader.status, status, JSON.stringify(headers));
  }
});

test('one socket too many is told 4009, and one of a process that ends 4012', async (t) => {
  const { dial, realtime } = await start(t, { config: { userMax: 1 } });
  const first = await dial();
  await greeted(first);

  const second = await dial();
  await closed(second, 4009);
  await realtime.drain(5_000);
  await closed(first, 4012);
  const late = await dial();
  await closed(late, 4012);

  assert.deepEqual(second.of('bye'), [[{ code: 4009, retryMs: 5_000 }]]);
  assert.equal(first.of('bye').length, 1);
  assert.equal(realtime.stats().connections, 0);
});

test('a session that is revoked or expires loses its sockets, told why', async (t) => {
  const clock = fakeClock();
  const expiresMs = clock.now() + 60_000;
  const { dial, realtime } = await start(t, {
    clock,
    auth: ({ url = '' }) => ({ ...adaOf(clock), session: url.slice(-2), expiresMs }),
  });
  const [revoked, expiring] = [await dial('s=s1'), await dial('s=s2')];
  await Promise.all([greeted(revoked), greeted(expiring)]);

  realtime.revoke({ session: 's1' });
  await revoked.ended;
  assert.equal(revoked.closeCode, 4004);
  assert.equal(expiring.closeCode, 0);
  await clock.advance(31_000);
  await eventually(() => assert.equal(expiring.of('renew').length, 1), { withinMs });
  await clock.advance(30_000);
  await closed(expiring, 4005);
});

test('a socket is pinged every 15 s, and one that does not answer within 10 s is closed with 4010', async (t) => {
  const clock = fakeClock();
  const { dial } = await start(t, { clock });
  const [awake, mute] = [await dial(), await dial('', { isMute: true })];
  await Promise.all([greeted(awake), greeted(mute)]);

  await clock.advance(15_000);
  await eventually(() => assert.deepEqual([awake.pingCount, mute.pingCount], [1, 1]), { withinMs });
  // The answer of the one that is awake is here once what it said after it is answered.
  awake.send('sub', 'nothing/here');
  await eventually(() => assert.equal(awake.of('deny').length, 1), { withinMs });
  await clock.advance(11_000);
  await closed(mute, 4010);

  assert.equal(awake.closeCode, 0);
  assert.deepEqual(awake.of('hb'), [[1]], 'a page hears no pings: it has a word of its own');
});

test('who says too much, too often or what is no word is closed with 4011', async (t) => {
  const { dial } = await start(t, { clock: fakeClock() });
  const [often, foreign, noJson] = [await dial(), await dial(), await dial()];
  for (let n = 0; n < 41; n += 1) often.send('unsub', 'u/ada');
  foreign.send('open', 'sesame');
  noJson.sendRaw(clientFrame(1, '{'));

  for (const reader of [often, foreign, noJson]) await closed(reader, 4011);
});

const text = (payload: string, isLast?: boolean) => clientFrame(1, payload, isLast);
const whole = JSON.stringify(['sub', 'nothing/here']);
const tooLong = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4]);
const pieces = [text(whole.slice(0, 3), false), clientFrame(0, whole.slice(3))];
const violations: [string, Buffer, number][] = [
  ['a frame that is not masked', Buffer.from([0x81, 0x02, 0x7b, 0x7d]), 1002],
  ['a reserved bit', Buffer.from([0xc1, 0x80, 1, 2, 3, 4]), 1002],
  ['an opcode that is none', clientFrame(3, ''), 1002],
  ['a control opcode that is none', clientFrame(11, ''), 1002],
  ['binary data', clientFrame(2, 'x'), 1003],
  ['a ping in pieces', clientFrame(9, 'x', false), 1002],
  ['a ping of more than 125 bytes', clientFrame(9, 'x'.repeat(126)), 1002],
  ['a piece of nothing', clientFrame(0, 'x'), 1002],
  ['a message inside another', Buffer.concat([text('x', false), text('x')]), 1002],
  ['text that is no UTF-8', clientFrame(1, Buffer.from([0xc3, 0x28])), 1007],
  ['a length of 64 bits that is too long', tooLong, 1009],
  ['more than 16 KiB in one frame', text('x'.repeat(16_385)), 1009],
  [
    'more than 16 KiB in pieces',
    Buffer.concat([text('x'.repeat(16_000), false), clientFrame(0, 'x'.repeat(400))]),
    1009,
  ],
  ['a close of one byte', clientFrame(8, 'x'), 1002],
  ['a close with a code that nobody sends', clientFrame(8, Buffer.from([0x03, 0xed])), 1002],
  ['a close whose reason is no UTF-8', clientFrame(8, Buffer.from([3, 232, 0xc3, 0x28])), 1007],
  ['a close', clientFrame(8, Buffer.from([0x03, 0xe8])), 1000],
  ['a close without a code', clientFrame(8, ''), 1000],
];

test('each way to break the protocol of RFC 6455 is closed with its code', async (t) => {
  const { dial } = await start(t, { config: { userMax: 100 } });
  for (const [name, bytes, code] of violations) {
    const reader = await dial();
    reader.sendRaw(bytes);
    await eventually(() => assert.equal(reader.closeCode, code, name), { withinMs });
    await reader.ended;
  }
});

test('a message in pieces, with a ping between, and byte by byte, is understood', async (t) => {
  const { dial } = await start(t);
  const [first = Buffer.alloc(0), last = Buffer.alloc(0)] = pieces;
  const between = Buffer.concat([first, clientFrame(9, 'here?'), last]);
  const reader = await dial();
  reader.sendRaw(between);
  for (const byte of between) reader.sendRaw(Buffer.from([byte]));
  // One that is longer than 125 bytes: the head has two more.
  reader.send('sub', 'x'.repeat(200));
  await eventually(() => assert.equal(reader.of('deny').length, 3), { withinMs });

  assert.deepEqual(reader.pongs, ['here?', 'here?']);
});
