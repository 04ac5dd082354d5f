import { add, gauge, rate, ratio, time, type Query } from './kpi-query.ts';

const pool = ['instance', 'db_client_connection_pool_name'];
const connections = 'db_client_connection_count';

/** What a recording rule is over the frames of the processes; one that needs longer, or machines, is not here. */
export const localRules: ReadonlyMap<string, Query> = new Map([
  ['plinth:gc_time:ratio', time({ metric: 'v8js_gc_duration_seconds' }, ['instance'])],
  [
    'plinth:db_pool_used:ratio',
    ratio(
      gauge({ metric: connections, where: { db_client_connection_state: ['used'] } }, 'sum', pool),
      gauge({ metric: 'db_client_connection_max' }, 'sum', pool),
    ),
  ],
  [
    'plinth:db_replication_lag:seconds',
    gauge({ metric: 'plinth_pg_replica_lag_seconds' }, 'max', ['host']),
  ],
  [
    'plinth:redis_memory:ratio',
    ratio(
      gauge({ metric: 'plinth_redis_memory_used_bytes' }, 'max', ['redis']),
      gauge({ metric: 'plinth_redis_memory_max_bytes' }, 'max', ['redis']),
    ),
  ],
  [
    'plinth:cache_hit:ratio',
    ratio(
      rate({ metric: 'plinth_cache_hits_total' }, ['region']),
      add(
        rate({ metric: 'plinth_cache_hits_total' }, ['region']),
        rate({ metric: 'plinth_cache_misses_total' }, ['region']),
      ),
    ),
  ],
]);
