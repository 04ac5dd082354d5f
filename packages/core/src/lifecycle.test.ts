import assert from 'node:assert/strict';
import { test } from 'node:test';

import { systemClock } from './clock.ts';
import { createLifecycle, type Part } from './lifecycle.ts';
import { noLog } from './log.ts';

const options = { log: noLog, clock: systemClock };

function record(steps: string[], name: string, needs: string[] = []): Part {
  return {
    name,
    needs,
    start: async () => void steps.push(`start ${name}`),
    drain: async () => void steps.push(`drain ${name}`),
    stop: async () => void steps.push(`stop ${name}`),
  };
}

test('parts start after what they need, and stop before it', async () => {
  const steps: string[] = [];
  const parts = [record(steps, 'http', ['pool']), record(steps, 'pool')];
  const lifecycle = createLifecycle(parts, options);

  await lifecycle.start();
  assert.equal(lifecycle.phase, 'ready');
  const code = await lifecycle.stop('test');

  assert.equal(code, 0);
  assert.deepEqual(steps, [
    'start pool',
    'start http',
    'drain pool',
    'drain http',
    'stop http',
    'stop pool',
  ]);
});

test('a part that fails to start stops the ones before it, and is named', async () => {
  const steps: string[] = [];
  const broken: Part = {
    name: 'http',
    needs: ['pool'],
    start: () => Promise.reject(new TypeError('no port')),
  };
  const lifecycle = createLifecycle([record(steps, 'pool'), broken], options);

  await assert.rejects(lifecycle.start(), {
    code: 'core.start_failed',
    message: 'http did not start: no port',
  });

  assert.deepEqual(steps, ['start pool', 'drain pool', 'stop pool']);
});

test('an unknown need and a circle are refused before anything starts', () => {
  const a = { name: 'a', needs: ['b'] };

  assert.throws(() => createLifecycle([a], options), { message: 'a needs b, which is not there.' });
  assert.throws(() => createLifecycle([a, { name: 'b', needs: ['a'] }], options), {
    message: 'a → b → a is a circle.',
  });
});

test('a part that never stops gives exit code 1 at the deadline, and the rest still stop', async () => {
  const steps: string[] = [];
  const stuck: Part = { name: 'stuck', needs: ['pool'], stop: () => new Promise(() => {}) };
  const lifecycle = createLifecycle([record(steps, 'pool'), stuck], options);
  await lifecycle.start();

  const keepAlive = setInterval(() => {}, 1_000);
  const code = await lifecycle.stop('test', 20);
  clearInterval(keepAlive);

  assert.equal(code, 1);
  assert(steps.includes('stop pool'));
});

test('a second stop awaits the first', async () => {
  const steps: string[] = [];
  const lifecycle = createLifecycle([record(steps, 'pool')], options);
  await lifecycle.start();

  await Promise.all([lifecycle.stop('one'), lifecycle.stop('two')]);

  assert.deepEqual(steps, ['start pool', 'drain pool', 'stop pool']);
});
