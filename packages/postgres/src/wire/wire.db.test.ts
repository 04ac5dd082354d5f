import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';

import { cloneDatabase } from '@plinth/testing';

import { readMessages } from './messages.ts';
import { Sender } from './sender.ts';
import { openConnection, recordServer, seeded } from './wire-fixture.ts';
import type { BatchAnswer, Wire } from './wire.ts';

const isLong = process.env['PLINTH_TEST_LONG'] === '1';

function select(n: number): Wire {
  return { name: `n${n}`, text: `select $1::text as a, ${n}::int as b`, values: [`ü${n}`] };
}

const failing: Wire = { name: 'failing', text: 'select 1 / $1::int as never', values: ['0'] };
const sqlstateOf = (error: unknown) =>
  error instanceof Error ? Reflect.get(error, 'code') : undefined;

test('answers that are cut into two pieces at any byte are read the same', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  const recorder = await recordServer(t, adminUrl);
  const connection = await openConnection(t, recorder.url);
  const flights: Wire[][] = [
    [select(1), { text: 'select' }, { text: '' }],
    [select(1), failing, select(2)],
    [
      { text: 'begin' },
      {
        ...select(3),
        name: 'p',
        text: 'select generate_series(1, $1::int)',
        values: ['5'],
        rowsMax: 2,
      },
    ],
    [{ text: '', isContinued: true, rowsMax: 2 }, { text: 'rollback' }],
    [{ text: "do $$ begin raise warning 'seen'; end $$" }, select(1)],
  ];
  recorder.take();
  const expected: BatchAnswer[] = [];
  for (const wires of flights) expected.push(await connection.batch(wires));
  const bytes = recorder.take();

  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const sender = new Sender({ write: () => true }, 256);
    const stream = new PassThrough();
    const batches: ReturnType<Sender['send']>[] = [];
    // As the live one did: a batch is sent when the one before is answered.
    const send = (at: number) => {
      const wires = flights[at];
      if (wires !== undefined) batches.push(sender.send(wires));
    };
    send(0);
    let at = 0;
    readMessages(stream, (message) => {
      if (message.name !== 'readyForQuery') {
        batches[at]?.take(message);
        return;
      }
      batches[at]?.end();
      at += 1;
      send(at);
    });
    // The reader moves a rest within the piece that it came in: each is a copy.
    for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      stream.emit('data', Buffer.from(piece));
    }
    assert.equal(at, flights.length, `cut at ${cut}`);
    const answers = await Promise.all(batches.map(({ done }) => done));
    assert.deepEqual(answers.map(plain), expected.map(plain), `cut at ${cut}`);
  }
});

test('a failure at any statement of a batch takes back all of it, and nothing of the next', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  const connection = await openConnection(t, adminUrl);
  await connection.send({ text: 'create table kept (n int)' });
  const insert: Wire = { name: 'i', text: 'insert into kept values ($1)', values: ['1'] };
  const failures: Wire[] = [
    failing,
    { name: 'syntax', text: 'selec 1', values: [] },
    { name: 'bind', text: 'select $1::int', values: ['x'] },
  ];

  for (const bad of failures) {
    for (let at = 0; at <= 3; at += 1) {
      const wires: Wire[] = [insert, insert, insert];
      wires.splice(at, 0, bad);
      const [broken, next] = await Promise.all([
        connection.batch(wires),
        connection.batch([select(1)]),
      ]);

      assert.equal(broken.answers.length, at);
      assert(sqlstateOf(broken.error) !== undefined);
      assert.equal(broken.isLost, false);
      assert.deepEqual(next.answers[0]?.rows, [['ü1', '1']]);
    }
  }

  assert.deepEqual((await connection.send({ text: 'select n from kept' })).rows, []);
});

test('a prepared statement that the server lost or may no longer run is prepared again', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  const connection = await openConnection(t, adminUrl);
  await connection.send({ text: 'create table shaped (n int)' });
  const read: Wire = { name: 'shaped', text: 'select * from shaped where n > $1', values: ['0'] };
  await connection.send(read);

  await connection.send({ text: 'alter table shaped add column m int' });
  await assert.rejects(connection.send(read), { code: '0A000' });
  assert.deepEqual((await connection.send(read)).columns, ['n', 'm']);
  await connection.send({ text: 'deallocate all' });
  await assert.rejects(connection.send(read), { code: '26000' });
  assert.deepEqual((await connection.send(read)).columns, ['n', 'm']);
});

test('a value is the same after its way there and back', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  const connection = await openConnection(t, adminUrl);
  const values = ['', 'a', 'ü€😀'.repeat(30_000), null, '\\x00', '\n\t"{}', ' '];
  const text = `select ${values.map((_, at) => `$${at + 1}::text`).join(', ')}`;

  const { rows } = await connection.send({ text, values });

  assert.deepEqual(rows, [values]);
});

test('too many parameters are refused before anything is sent', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  const connection = await openConnection(t, adminUrl);
  const values = Array.from({ length: 65_536 }, () => '1');

  assert.throws(() => connection.batch([{ text: 'select', values }]), RangeError);
  assert.deepEqual((await connection.send(select(1))).rows, [['ü1', '1']]);
});

test('a connection that ends answers all that is in flight as lost', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  const connection = await openConnection(t, adminUrl);
  const sent = [connection.batch([{ text: 'select pg_sleep(60)' }]), connection.batch([select(1)])];

  connection.destroy();

  assert.deepEqual(
    (await Promise.all(sent)).map(({ isLost }) => isLost),
    [true, true],
  );
  assert.equal((await connection.batch([select(1)])).isLost, true);
});

interface Model {
  rows: Map<number, number>;
}

type Step = readonly [wire: Wire, run: (model: Model) => unknown];

/** What a statement does to the table, done to a map as well; a throw ends the batch. */
function anyStep(random: () => number): Step {
  const key = Math.floor(random() * 12);
  const value = Math.floor(random() * 100);
  const tag = Math.floor(random() * 9);
  const kind = Math.floor(random() * 6);
  if (kind === 0) {
    return [
      { name: 'in', text: 'insert into model values ($1, $2)', values: [`${key}`, `${value}`] },
      ({ rows }) => {
        if (rows.has(key)) throw new Error('23505');
        rows.set(key, value);
        return [];
      },
    ];
  }
  if (kind === 1) {
    const text = `update model set n = n + $2 where id = $1 returning n /* ${tag} */`;
    return [
      { name: `up${tag}`, text, values: [`${key}`, `${value}`] },
      ({ rows }) => {
        const old = rows.get(key);
        if (old === undefined) return [];
        rows.set(key, old + value);
        return [[`${old + value}`]];
      },
    ];
  }
  if (kind === 2) {
    return [
      { text: 'delete from model where id = $1', values: [`${key}`] },
      ({ rows }) => {
        rows.delete(key);
        return [];
      },
    ];
  }
  if (kind === 3 && random() < 0.3) {
    return [
      { name: 'bad', text: 'select 1 / (n - n) from model', values: [] },
      ({ rows }) => {
        if (rows.size > 0) throw new Error('22012');
        return [];
      },
    ];
  }
  return [
    { name: `all${tag}`, text: `select id, n from model order by id /* ${tag} */`, values: [] },
    ({ rows }) => [...rows].toSorted(([a], [b]) => a - b).map(([id, n]) => [`${id}`, `${n}`]),
  ];
}

function runModel(model: Model, steps: readonly Step[]): { rows: unknown[]; code: string } {
  const before = new Map(model.rows);
  const rows: unknown[] = [];
  try {
    for (const [, run] of steps) rows.push(run(model));
    return { rows, code: '' };
  } catch (error) {
    model.rows = before;
    return { rows, code: error instanceof Error ? error.message : '' };
  }
}

test('random batches in flight, with few names, do what a map does', async (t) => {
  const { adminUrl } = await cloneDatabase(t);
  const seed = Number(process.env['PLINTH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const random = seeded(seed);
  t.diagnostic(`PLINTH_SEED=${seed}`);
  const connection = await openConnection(t, adminUrl, 5);
  await connection.send({ text: 'create table model (id int primary key, n int not null)' });
  const model: Model = { rows: new Map() };
  const count = isLong ? 10_000 : 1_500;
  let sent: Promise<void>[] = [];

  for (let batch = 0; batch < count; batch += 1) {
    const steps = Array.from({ length: 1 + Math.floor(random() * 5) }, () => anyStep(random));
    const expected = runModel(model, steps);
    const check = async () => {
      const { answers, error } = await connection.batch(steps.map(([wire]) => wire));
      const given = { rows: answers.map(({ rows }) => rows), code: sqlstateOf(error) ?? '' };
      assert.deepEqual(given, expected, `batch ${batch} of seed ${seed}`);
    };
    sent.push(check());
    if (random() < 0.1) {
      await Promise.all(sent);
      sent = [];
    }
  }
  await Promise.all(sent);
});

function plain(answer: BatchAnswer): unknown {
  return { ...answer, error: sqlstateOf(answer.error) };
}
