import { systemClock } from '@plinth/core';

import { createCache } from './create-cache.ts';
import { connectRedis } from './redis/index.ts';

/** Takes the lease of `k` and never ends: for a test that kills it. */
const [url = '', ns = ''] = process.argv.slice(2);
const shared = connectRedis({
  place: { kind: 'redis', url },
  ns,
  clock: systemClock,
  timeoutMs: 10_000,
});
const cache = await createCache({ clock: systemClock, joinTimeoutMs: 30_000, shared });
await cache.getOrSet(
  'k',
  () => {
    process.stdout.write('began\n');
    return new Promise<string>(() => undefined);
  },
  { ttl: 60_000, hardTimeout: 60_000 },
);
