import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { systemClock } from '@plinth/core';
import { eventually } from '@plinth/testing';

import { readSse, type Block, type Reader } from './sse-fixture.ts';
import { startServer } from './server-fixture.ts';
import { readSocket } from './socket-fixture.ts';

const acme = { tenant: 'acme' };
const notesOfAcme = 't/acme/notes';

async function start(t: TestContext) {
  const server = await startServer({ config: { userMax: 1_000 } });
  t.after(() => server.stop());
  return server;
}

const numberOf = (block: Block) => Number(/"n":(\d+)/u.exec(block.data)?.[1]);

const connections = 25;
const messagesMin = 1_000;

test('readers that are cut off at random miss nothing, or are told that they may have', async (t) => {
  const { url, notes } = await start(t);
  const over = new AbortController();
  let last = 0;
  const publishing = (async () => {
    while (!over.signal.aborted || last <= messagesMin) {
      for (let burst = 0; burst < 25; burst += 1) await notes.publish(acme, { n: (last += 1) });
      await systemClock.sleep(5, new AbortController().signal);
    }
  })();

  const rounds = Array.from({ length: 8 }, async () => {
    let cursor = '';
    let expected: number | undefined;
    for (let connection = 0; connection < connections; connection += 1) {
      const reader = await readSse(`${url}?ch=${notesOfAcme}&after=${cursor}`, {
        onBlock(block) {
          if (block.id !== '') cursor = block.id;
          if (block.event === 'reset') expected = undefined;
          if (block.event !== 'message') return;
          const n = numberOf(block);
          if (expected !== undefined) assert.equal(n, expected, 'the next one, and no other');
          expected = n + 1;
        },
      });
      await systemClock.sleep(Math.random() * 60, new AbortController().signal);
      reader.cut();
      await reader.ended;
    }
  });
  await Promise.all(rounds);
  over.abort();
  await publishing;
});

/** More than the kernel takes for a reader that has stopped: about 2.5 MB on loopback. */
const bulk = 'x'.repeat(4_000);
const bulkCount = 2_500;

async function startSlowAndFast(t: TestContext) {
  const server = await start(t);
  const open = () => readSse(`${server.url}?ch=${notesOfAcme}&ch=u/ada`);
  const slow = await open();
  const fast = await open();
  await eventually(() => assert.equal(fast.of('hello').length + slow.of('hello').length, 2));
  slow.pause();
  const fill = async (from: number) => {
    for (let n = from; n < from + bulkCount; n += 1) {
      await server.notes.publish(acme, { n, text: bulk });
      if (n % 50 === 0) await systemClock.sleep(1, new AbortController().signal);
    }
  };
  return { ...server, slow, fast, fill };
}

const received = (reader: Reader) =>
  reader.blocks.filter(({ event, data }) => event === 'message' && data.includes('notes')).length;

test('a reader that stops reading costs its own channel, a bounded memory, and nobody else', async (t) => {
  const { realtime, users, slow, fast, fill } = await startSlowAndFast(t);

  await fill(1);
  await eventually(() => assert.equal(received(fast), bulkCount));
  const { backlogBytes } = realtime.stats();
  await users.publish({ user: 'ada' }, { n: 1 });
  slow.resume();
  await eventually(() => assert.equal(slow.of('reset').length, 1));
  await eventually(() =>
    assert(slow.of('message').some((one) => JSON.stringify(one).includes('u/ada'))),
  );

  assert(backlogBytes < 524_288, `held for it: ${backlogBytes} bytes`);
  assert.deepEqual(slow.of('reset'), [{ channels: [notesOfAcme], why: 'slow' }]);
  assert(received(slow) < bulkCount, 'it was not given everything');
});

test('a socket that stops reading is told what it lost, and others on either transport get all', async (t) => {
  const { realtime, notes, users, url } = await start(t);
  const dial = () => readSocket(`${url}/ws?ch=${notesOfAcme}&ch=u/ada`);
  const [slow, fast, stream] = [
    await dial(),
    await dial(),
    await readSse(`${url}?ch=${notesOfAcme}`),
  ];
  await eventually(() => assert.equal(slow.of('hello').length + fast.of('hello').length, 2));
  slow.pause();
  for (let n = 1; n <= bulkCount; n += 1) {
    await notes.publish(acme, { n, text: bulk });
    if (n % 50 === 0) await systemClock.sleep(1, new AbortController().signal);
  }
  await eventually(() => assert.equal(fast.of('m').length, bulkCount), { withinMs: 30_000 });
  await eventually(() => assert.equal(received(stream), bulkCount), { withinMs: 30_000 });
  const { backlogBytes } = realtime.stats();
  await users.publish({ user: 'ada' }, { n: 1 });
  slow.resume();
  await eventually(() => assert.equal(slow.of('m').at(-1)?.[1], 'u/ada'), { withinMs: 30_000 });

  assert(backlogBytes < 524_288, `held for it: ${backlogBytes} bytes`);
  assert.deepEqual(slow.of('reset'), [[{ channels: [notesOfAcme], why: 'slow' }]]);
  assert(slow.of('m').length < bulkCount, 'it was not given everything');
});

test('of messages with a key a slow reader gets the newest', async (t) => {
  const { notes, slow, fill } = await startSlowAndFast(t);
  // Full to the brim of the kernel, then short ones of one key.
  await fill(1);
  slow.resume();
  await eventually(() => assert.equal(slow.of('reset').length, 1));
  slow.pause();
  const before = slow.blocks.length;
  for (let n = 1; n <= 2_000; n += 1) {
    await notes.publish(acme, { n, key: 'one', text: bulk });
  }

  slow.resume();
  const numbers = await eventually(() => {
    const found = slow.blocks
      .slice(before)
      .filter(({ event }) => event === 'message')
      .map(numberOf);
    assert.equal(found.at(-1), 2_000);
    return found;
  });

  assert(numbers.length < 2_000, `${numbers.length} of 2,000 came`);
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
});
