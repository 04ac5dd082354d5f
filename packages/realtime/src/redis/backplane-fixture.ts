import { createIds, noLog, systemClock } from '@plinth/core';
import { Redis } from 'ioredis';

import type { Backplane } from '../backplane.ts';
import { createRedisBackplane } from './redis-backplane.ts';

const newId = createIds(systemClock);

export function backplaneOn(port: number): Backplane {
  return createRedisBackplane({
    clock: systemClock,
    newId,
    log: noLog,
    connect() {
      const client = new Redis(port, '127.0.0.1', {
        autoResendUnfulfilledCommands: false,
        maxRetriesPerRequest: 0,
        retryStrategy: () => 50,
      });
      client.on('error', () => undefined);
      return client;
    },
  });
}
