import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HealthCheck, HealthState } from '@plinth/core';
import { fakeClock } from '@plinth/testing';

import { BackgroundHealth } from './health.ts';
import { Registry } from './registry.ts';

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

async function watch(check: Partial<HealthCheck>) {
  const clock = fakeClock();
  const health = new BackgroundHealth(clock, new Registry(clock));
  health.add({ name: 'database', severity: 'critical', check: async () => 'up', ...check });
  health.start();
  await turn();
  return { clock, health };
}

test('a process is ready once its critical checks have answered', async () => {
  const clock = fakeClock();
  const health = new BackgroundHealth(clock, new Registry(clock));
  health.add({ name: 'database', severity: 'critical', check: async () => 'up' });
  assert.equal(health.ready(), false);

  health.start();
  await turn();

  assert.equal(health.ready(), true);
  assert.deepEqual(
    health.report().map(({ name, state }) => [name, state]),
    [['database', 'up']],
  );
});

test('a failure counts from the second in a row, one success is enough', async () => {
  let state: HealthState = 'up';
  const { clock, health } = await watch({ check: async () => state });
  const states: HealthState[] = [];

  for (const next of ['down', 'up', 'down', 'down', 'up'] as const) {
    state = next;
    await clock.advance(5_000);
    states.push(health.report()[0]?.state ?? 'down');
  }

  assert.deepEqual(states, ['up', 'up', 'up', 'down', 'up']);
  assert.deepEqual(
    health.changes().map((change) => change.state),
    ['up', 'down', 'up'],
  );
});

test('a check that is degraded never takes the process out', async () => {
  const { clock, health } = await watch({ severity: 'degraded', check: async () => 'down' });

  await clock.advance(20_000);

  assert.equal(health.report()[0]?.state, 'down');
  assert.equal(health.ready(), true);
});

test('a check that throws is down, with its words', async () => {
  const { health } = await watch({ check: () => Promise.reject(new Error('no route')) });

  const [report] = health.report();
  assert.deepEqual([report?.state, report?.error], ['down', 'no route']);
});

test('a check that hangs is given up, and is not run twice at once', async () => {
  let running = 0;
  const { clock, health } = await watch({
    timeoutMs: 100,
    check: () => {
      running += 1;
      return new Promise<HealthState>(() => 'never');
    },
  });

  await clock.advance(100);
  assert.equal(health.report()[0]?.error, 'no answer within 100 ms');
  await clock.advance(30_000);

  assert.equal(running, 1);
  assert.equal(health.ready(), false);
});

test('a result that is too old is down', async () => {
  const { clock, health } = await watch({ everyMs: 1_000 });
  await clock.advance(1);
  health.stop();

  await clock.advance(2_999);
  assert.equal(health.report()[0]?.state, 'up');
  await clock.advance(2);

  assert.equal(health.report()[0]?.state, 'down');
});

test('two checks of one name are refused', async () => {
  const { health } = await watch({});

  assert.throws(
    () => health.add({ name: 'database', severity: 'degraded', check: async () => 'up' }),
    TypeError,
  );
});
