import { testCacheRaces } from './cache-conformance.ts';
import { createCache } from './create-cache.ts';

testCacheRaces('the memory cache', (_t, options) => createCache(options));
