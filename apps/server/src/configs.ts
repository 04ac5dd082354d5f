import { cacheConfig } from '@plinth/cache/redis';
import type { Config } from '@plinth/core';
import { httpConfig } from '@plinth/http';
import { messagingConfig } from '@plinth/messaging';
import { realtimeConfig } from '@plinth/realtime';

import { serverConfig } from './config.ts';

/** Every setting of the process: what `plinth config` lists. */
export const configs: readonly Config[] = [
  serverConfig,
  httpConfig,
  cacheConfig,
  messagingConfig,
  realtimeConfig,
];
