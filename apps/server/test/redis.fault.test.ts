import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually, startRedis } from '@plinth/testing';

import { signIn, type Person } from './api.ts';
import { createSite, password } from './site.ts';

const readsPerPhase = 20;

/** Reads what is kept, and writes what makes it old. */
async function use(person: Person, name: string): Promise<number[]> {
  const statuses: number[] = [];
  for (let read = 0; read < readsPerPhase; read += 1) {
    statuses.push((await person.send('GET', '/v1/reports/dashboard')).status);
  }
  const body = { name, country: 'GB', currency: 'GBP' };
  statuses.push((await person.send('POST', '/v1/customers', { body })).status);
  return statuses;
}

test('the product answers as before while its Redis is killed, hung and empty again', async (t) => {
  const redis = await startRedis(t);
  const site = await createSite(t, { settings: { REDIS_URL: redis.url } });
  await site.start();
  await site.provision('acme');
  const person = await signIn(site.url, 'owner@acme.example', password);
  const expected = [...Array.from({ length: readsPerPhase }, () => 200), 201];

  const before = await use(person, 'Before');
  await eventually(async () => Number(await redis.run('dbsize')) > 1, { withinMs: 30_000 });
  redis.stop();
  const hung = await use(person, 'Hung').finally(() => redis.cont());
  await redis.kill();
  const dead = await use(person, 'Dead');
  await redis.restart();
  const empty = await use(person, 'Empty');

  assert.deepEqual(
    { before, hung, dead, empty },
    {
      before: expected,
      hung: expected,
      dead: expected,
      empty: expected,
    },
  );
});
