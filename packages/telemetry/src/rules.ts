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

/** The same for Prometheus, from the product's own series and, for machines, from node_exporter where it runs. */
export const recordingExpressions: Readonly<Record<string, string>> = {
  'plinth:http_requests:rate10m':
    'sum(rate(http_server_request_duration_seconds_count{role=~"api|all"}[10m]))',
  'plinth:http_requests:baseline':
    'plinth:http_requests:rate10m offset 1w or plinth:http_requests:rate10m offset 1d or max_over_time(plinth:http_requests:rate10m[6h] offset 10m)',
  'plinth:http_requests:drop':
    'clamp_min(1 - (plinth:http_requests:rate10m or on() vector(0)) / (min(plinth:http_requests:baseline or max_over_time(plinth:http_requests:rate10m[6h] offset 10m)) >= 1), 0)',
  'plinth:machine_cpu:ratio':
    '1 - avg by (machine) (rate(node_cpu_seconds_total{mode="idle"}[5m])) or 1 - avg by (machine) (rate(system_cpu_time_seconds_total{cpu_mode="idle"}[5m]))',
  'plinth:machine_memory_available:ratio':
    'max by (machine) (node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) or max by (machine) (system_memory_linux_available_bytes / system_memory_limit_bytes)',
  'plinth:machine_disk_busy:ratio':
    'max by (machine, device) (rate(node_disk_io_time_seconds_total[5m])) or max by (machine, device) (label_replace(rate(system_disk_io_time_seconds_total[5m]), "device", "$1", "system_device", "(.*)"))',
  'plinth:gc_time:ratio': 'sum by (instance) (rate(v8js_gc_duration_seconds_sum[5m]))',
  'plinth:db_pool_used:ratio':
    'max by (instance, db_client_connection_pool_name) (plinth_pg_utilization_ratio) or sum by (instance, db_client_connection_pool_name) (db_client_connection_count{db_client_connection_state="used"}) / sum by (instance, db_client_connection_pool_name) (db_client_connection_max)',
  'plinth:db_replication_lag:seconds': 'max by (host) (plinth_pg_replica_lag_seconds)',
  'plinth:redis_memory:ratio':
    'max by (redis) (plinth_redis_memory_used_bytes) / (max by (redis) (plinth_redis_memory_max_bytes) > 0)',
  'plinth:cache_hit:ratio':
    'sum by (region) (rate(plinth_cache_hits_total[10m])) / (sum by (region) (rate(plinth_cache_hits_total[10m])) + sum by (region) (rate(plinth_cache_misses_total[10m])))',
};
