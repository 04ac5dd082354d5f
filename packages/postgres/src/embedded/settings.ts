/** For a machine of two cores that also runs the product. Durability is not among what is tuned. */
const defaultSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '256MB',
  effective_cache_size: '1GB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  wal_buffers: '16MB',
  min_wal_size: '256MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',
  random_page_cost: '1.1',
  jit: 'off',
  max_parallel_workers_per_gather: '1',
  shared_preload_libraries: 'pg_stat_statements',
  // A table that an import has just filled is planned as if it were empty until it is analysed.
  autovacuum_naptime: '5s',
  track_io_timing: 'on',
  log_lock_waits: 'on',
  log_timezone: 'UTC',
  timezone: 'UTC',
  client_connection_check_interval: '500ms',
};

export function settingFlags(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries({ ...defaultSettings, ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
}
