import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { noLog, systemClock } from '@plinth/core';
import { eventually, fakeClock } from '@plinth/testing';

import { pipeline } from '../pipeline.ts';
import { createChaos, type ChaosNeeds } from './index.ts';

const settings = { enabled: true, allowProduction: undefined, rules: undefined, seed: 7 };

function create(changed: Partial<ChaosNeeds> = {}) {
  const clock = fakeClock();
  const chaos = createChaos({
    settings,
    isProduction: false,
    topology: 'shop',
    clock,
    log: noLog,
    ...changed,
  });
  const until = new Date(clock.now() + 600_000).toISOString();
  const rule = (fault: object, more: object = {}) => ({
    id: 'r1',
    match: { pipeline: 'pay*' },
    rate: 1,
    fault,
    until,
    ...more,
  });
  return { chaos, clock, rule };
}

for (const [what, changed, isThere] of [
  ['without its switch', { settings: { ...settings, enabled: false } }, false],
  ['in production without the name', { isProduction: true }, false],
  [
    'in production with another name',
    { isProduction: true, settings: { ...settings, allowProduction: 'other' } },
    false,
  ],
  [
    'in production with the name of the topology',
    { isProduction: true, settings: { ...settings, allowProduction: 'shop' } },
    true,
  ],
] as const) {
  test(`${what} faults are ${isThere ? 'injected' : 'refused'}`, () => {
    assert.equal(create(changed).chaos !== undefined, isThere);
  });
}

test('a rule acts on the pipelines that it matches and on no other', async () => {
  const { chaos, rule } = create();
  assert(chaos !== undefined, 'it is on');
  chaos.set([rule({ kind: 'fault', error: 'refused' })]);

  const hit = pipeline({ name: 'payments', chaos });
  const spared = pipeline({ name: 'mail', chaos });

  await assert.rejects(
    hit.run(() => 1),
    { code: 'ECONNREFUSED' },
  );
  assert.equal(await spared.run(() => 1), 1);
  assert.equal(hit.stats().calls.chaos, 1);
});

test('latency comes before the call and ends with the total timeout', async () => {
  const { chaos, clock, rule } = create();
  assert(chaos !== undefined, 'it is on');
  chaos.set([rule({ kind: 'latency', ms: 400 })]);

  const lane = pipeline({ name: 'pay', chaos, clock, totalTimeoutMs: 1_000 });
  const at = lane.run(() => clock.mono());
  await clock.advance(600);
  chaos.set([rule({ kind: 'latency', ms: 5_000 })]);
  const late = lane.run(() => 1).catch((error: unknown) => error);
  await clock.advance(6_000);

  assert.equal(await at, 400);
  assert.equal(Reflect.get(Object(await late), 'code'), 'resilience.timeout');
});

test('an injected status is told with the rule that gave it', async () => {
  const { chaos, rule } = create();
  assert(chaos !== undefined, 'it is on');
  chaos.set([rule({ kind: 'outcome', status: 418 })]);

  await assert.rejects(
    pipeline({ name: 'pay', chaos }).run(() => 1),
    { code: 'resilience.chaos', context: { rule: 'r1', status: 418 } },
  );
});

test('a named behavior runs before the call', async () => {
  const order: string[] = [];
  const { chaos, rule } = create({ behaviors: { note: async () => void order.push('behavior') } });
  assert(chaos !== undefined, 'it is on');
  chaos.set([rule({ kind: 'behavior', run: 'note' })]);

  await pipeline({ name: 'pay', chaos }).run(() => order.push('call'));

  assert.deepEqual(order, ['behavior', 'call']);
});

test('a rule without an end, past it or ending in over an hour does nothing', () => {
  const { chaos, clock, rule } = create();
  assert(chaos !== undefined, 'it is on');
  const at = (ms: number) => ({ until: new Date(clock.now() + ms).toISOString() });

  assert.throws(() => chaos.set([rule({ kind: 'fault', error: 'x' }, { until: undefined })]), {
    code: 'resilience.bad_rules',
  });
  chaos.set([rule({ kind: 'fault', error: 'x' }, at(-1))]);
  assert.deepEqual(chaos.rules, []);
  chaos.set([rule({ kind: 'fault', error: 'x' }, at(3_600_001))]);

  assert.deepEqual(chaos.rules, []);
});

test('a rule ends when its time is over', async () => {
  const { chaos, clock, rule } = create();
  assert(chaos !== undefined, 'it is on');
  chaos.set([rule({ kind: 'fault', error: 'x' })]);

  await clock.advance(600_000);

  assert.equal(chaos.pick('pay', undefined), undefined);
});

function drawMany(): boolean[] {
  const { chaos, rule } = create();
  assert(chaos !== undefined, 'it is on');
  chaos.set([rule({ kind: 'fault', error: 'x' }, { rate: 0.1 })]);
  return Array.from({ length: 100_000 }, () => chaos.pick('pay', undefined) !== undefined);
}

test('a rate of 0.1 is kept within half a percent, and a seed gives the same draws', () => {
  const first = drawMany();
  const share = first.filter(Boolean).length / first.length;

  assert(Math.abs(share - 0.1) < 0.005, `${share}`);
  assert.deepEqual(drawMany(), first);
});

test('a burning error objective switches all off', async () => {
  let burnRate = 1;
  const { chaos, clock, rule } = create({ burnRate: () => burnRate });
  assert(chaos !== undefined, 'it is on');
  chaos.set([rule({ kind: 'fault', error: 'x' })]);

  burnRate = 11;
  await clock.advance(1_000);

  assert.equal(chaos.pick('pay', undefined), undefined);
});

test('rules come from their file, and a file chaos.off beside it ends them', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'chaos-'));
  const rules = join(folder, 'rules.json');
  const { chaos, rule } = create({ settings: { ...settings, rules }, clock: systemClock });
  assert(chaos !== undefined, 'it is on');
  t.after(async () => {
    chaos.stop();
    await rm(folder, { recursive: true });
  });
  const until = new Date(systemClock.now() + 60_000).toISOString();

  await writeFile(rules, JSON.stringify([rule({ kind: 'fault', error: 'x' }, { until })]));
  await eventually(() => chaos.pick('pay', undefined) !== undefined, { withinMs: 30_000 });
  await writeFile(join(folder, 'chaos.off'), '');

  await eventually(() => chaos.pick('pay', undefined) === undefined, { withinMs: 30_000 });
});
