import { redisConnectionsOf } from '@plinth/cache/redis';
import type { Clock, Loaded, Log, NewId } from '@plinth/core';
import type { Backplane } from '@plinth/realtime';
import { createRedisBackplane } from '@plinth/realtime/redis';

interface Needs {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
}

/** What live messages go through to other processes: Redis where there is one, else nothing. */
export function backplaneOf(loaded: Loaded, needs: Needs): Backplane | undefined {
  const redis = redisConnectionsOf(loaded);
  if (redis === undefined) return undefined;
  if (redis.kind === 'cluster') {
    needs.log.warn('realtime.no_backplane', {
      why: 'a Redis Cluster carries no live messages yet',
    });
    return undefined;
  }
  const { ns, connect } = redis;
  return createRedisBackplane({
    ...needs,
    ns,
    connect() {
      const client = connect();
      // Told by the backplane; a client without a listener would end the process.
      client.on('error', (error: Error) =>
        needs.log.debug('realtime.redis_lost', { reason: error.message }),
      );
      return client;
    },
  });
}
