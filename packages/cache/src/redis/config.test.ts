import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadConfig, noLog, systemClock } from '@plinth/core';

import { cacheConfig, cacheOptionsOf } from './config.ts';

function driverOf(environment: Record<string, string>): string | undefined {
  const loaded = loadConfig([cacheConfig], environment);
  const options = cacheOptionsOf(loaded, systemClock, noLog);
  if (!('shared' in options)) return undefined;
  void options.shared.log.close();
  void options.shared.store.close();
  return options.shared.describe().driver;
}

const url = 'redis://127.0.0.1:1';
const drivers: readonly [environment: Record<string, string>, driver: string | undefined][] = [
  [{}, undefined],
  [{ CACHE_L2: 'none', REDIS_URL: url }, undefined],
  [{ REDIS_URL: url }, 'redis'],
  [{ CACHE_L2: 'sentinel', REDIS_SENTINELS: '127.0.0.1:1,127.0.0.1:2' }, 'sentinel'],
  [{ CACHE_L2: 'cluster', REDIS_NODES: '127.0.0.1:1' }, 'cluster'],
  [{ CACHE_L2: 'cluster', REDIS_URL: url }, 'cluster'],
];
for (const [environment, driver] of drivers) {
  test(`${JSON.stringify(environment)} shares by ${driver ?? 'nothing'}`, () => {
    assert.equal(driverOf(environment), driver);
  });
}

for (const kind of ['redis', 'sentinel', 'cluster']) {
  test(`CACHE_L2=${kind} without an address is refused`, () => {
    assert.throws(() => driverOf({ CACHE_L2: kind }), { code: 'cache.config' });
  });
}
