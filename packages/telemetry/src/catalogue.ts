/** The one place that names metrics: kind, name, labels. A name that is not here fails the start. */
const table = `
histogram http_server_request_duration_seconds http_request_method http_route http_response_status_code
gauge     http_server_active_requests http_request_method
histogram http_server_response_body_size_bytes http_route
histogram plinth_http_source_duration_seconds source
counter   plinth_http_rejected_total reason
histogram http_client_request_duration_seconds server_address http_request_method http_response_status_code
histogram plinth_operation_duration_seconds module operation binding outcome
histogram db_client_operation_duration_seconds db_query_summary db_role statement_class outcome
gauge     db_client_connection_count db_client_connection_pool_name db_client_connection_state
gauge     db_client_connection_max db_client_connection_pool_name
gauge     db_client_connection_pending_requests db_client_connection_pool_name
histogram db_client_connection_wait_time_seconds db_client_connection_pool_name
counter   db_client_connection_timeouts_total db_client_connection_pool_name
gauge     plinth_pg_replica_lag_seconds host
gauge     plinth_pg_replica_lag_bytes host
counter   plinth_pg_reads_total route
counter   plinth_pg_retries_total sqlstate
counter   plinth_pg_slow_total db_query_summary
counter   plinth_pg_rows_total db_query_summary
counter   plinth_pg_position_lost_total
gauge     plinth_pg_utilization_ratio db_client_connection_pool_name
counter   plinth_cache_hits_total region level
counter   plinth_cache_misses_total region reason
counter   plinth_cache_stale_served_total reason
counter   plinth_cache_evictions_total reason
histogram plinth_cache_factory_seconds region
histogram plinth_cache_l2_seconds op
counter   plinth_cache_factory_errors_total
counter   plinth_cache_fill_discarded_total reason
gauge     plinth_cache_flights
counter   plinth_cache_lease_total result
gauge     plinth_cache_entries
gauge     plinth_cache_bytes
gauge     plinth_cache_log_lag_seconds
gauge     plinth_cache_log_retained_seconds
gauge     plinth_cache_blind
gauge     plinth_cache_breaker_state
gauge     plinth_cache_pending_names
counter   plinth_cache_anchors_total reason
counter   plinth_cache_events_resent_total
counter   plinth_cache_token_bypass_total
gauge     plinth_redis_memory_used_bytes redis
gauge     plinth_redis_memory_max_bytes redis
gauge     plinth_tenant_load_ratio tenant resource
gauge     plinth_pg_longest_transaction_seconds host
gauge     plinth_pg_longest_lock_wait_seconds host
gauge     plinth_pg_xid_age host
gauge     plinth_backup_age_seconds name
gauge     plinth_certificate_expiry_seconds name
gauge     plinth_outbox_lag_seconds shard
gauge     plinth_outbox_pending shard
gauge     plinth_delivery_lag_seconds sub
gauge     plinth_delivery_pending sub
gauge     plinth_lane_blocked sub
gauge     plinth_paused sub why
counter   plinth_dead_total sub reason
counter   plinth_redriven_total sub
counter   plinth_duplicate_total sub
counter   plinth_fenced_total sub why
histogram plinth_handle_seconds sub outcome
gauge     plinth_job_oldest_seconds queue band
gauge     plinth_job_ready queue band
gauge     plinth_job_running queue
histogram plinth_job_seconds name outcome
histogram plinth_job_wait_seconds queue
counter   plinth_job_dead_total name
counter   plinth_job_fenced_total
counter   plinth_job_lost_total
counter   plinth_schedule_missed_total name
gauge     plinth_rt_connections transport
gauge     plinth_rt_backlog_bytes transport
gauge     plinth_rt_backplane_lag_seconds
counter   plinth_rt_messages_total transport dir
counter   plinth_rt_dropped_total why
counter   plinth_rt_reset_total why
counter   plinth_rt_closed_total code
counter   plinth_rt_coalesced_total
histogram plinth_rt_fanout_seconds
histogram plinth_gateway_request_duration_seconds route cluster status_class
gauge     plinth_gateway_destination_up cluster destination
gauge     plinth_gateway_active_requests cluster destination
gauge     plinth_gateway_weight_ratio cluster destination
gauge     plinth_gateway_panic cluster
gauge     plinth_gateway_pool_connections cluster destination
gauge     plinth_gateway_pool_waiting cluster destination
gauge     plinth_gateway_retry_budget_tokens cluster
counter   plinth_gateway_retries_total cluster reason
counter   plinth_gateway_rate_limited_total policy
counter   plinth_gateway_limit_degraded_total policy
counter   plinth_gateway_ejections_total cluster destination reason
counter   plinth_gateway_config_rejected_total
counter   plinth_gateway_pool_poisoned_total cluster
counter   plinth_gateway_parser_refused_total reason
counter   plinth_gateway_bytes_total direction
histogram plinth_gateway_upstream_head_duration_seconds cluster
counter   plinth_resilience_calls_total pipeline outcome
counter   plinth_resilience_attempts_total pipeline n
counter   plinth_resilience_breaker_changes_total pipeline
counter   plinth_resilience_hedge_wins_total pipeline
counter   plinth_resilience_chaos_injected_total rule
histogram plinth_resilience_duration_seconds pipeline
gauge     plinth_resilience_breaker_state pipeline
gauge     plinth_resilience_bulkhead_used_ratio pipeline
gauge     plinth_resilience_retry_budget_tokens pipeline
counter   process_cpu_time_seconds_total cpu_mode
gauge     process_memory_usage_bytes
gauge     process_open_file_descriptor_count
gauge     plinth_process_fd_limit
gauge     plinth_process_start_time_seconds
gauge     nodejs_eventloop_delay_p50_seconds
gauge     nodejs_eventloop_delay_p99_seconds
gauge     nodejs_eventloop_delay_max_seconds
gauge     nodejs_eventloop_utilization_ratio
histogram v8js_gc_duration_seconds v8js_gc_type
gauge     v8js_memory_heap_used_bytes v8js_heap_space_name
gauge     v8js_memory_heap_limit_bytes v8js_heap_space_name
histogram plinth_threadpool_wait_seconds
counter   system_cpu_time_seconds_total cpu_mode
gauge     system_memory_limit_bytes
gauge     system_memory_linux_available_bytes
counter   system_disk_io_time_seconds_total system_device
gauge     system_filesystem_utilization_ratio mountpoint
counter   system_network_io_bytes_total direction
gauge     plinth_build_info version revision node role
gauge     plinth_deploy_timestamp_seconds
gauge     plinth_health_status check severity
histogram plinth_health_check_duration_seconds check severity
counter   plinth_telemetry_dropped_total signal reason
counter   plinth_telemetry_overflow_total metric
counter   plinth_telemetry_label_refused_total metric
gauge     plinth_telemetry_bytes store
histogram plinth_rum_lcp_seconds route device
histogram plinth_rum_inp_seconds route device
histogram plinth_rum_ttfb_seconds route device
histogram plinth_rum_fcp_seconds route device
histogram plinth_rum_cls_score route device
histogram plinth_rum_longtask_seconds route device
counter   plinth_rum_errors_total route kind
counter   plinth_rum_beacons_total outcome
`;

/** Every threshold of topology/kpi.ts on a histogram is one of its bounds: no answer rests on interpolation. */
const durationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const byteBounds = Array.from({ length: 9 }, (_, power) => 256 * 4 ** power);
const shiftScoreBounds = [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1];

export type MetricKind = 'counter' | 'gauge' | 'histogram';
export interface CatalogueEntry {
  readonly name: string;
  readonly kind: MetricKind;
  readonly labels: readonly string[];
  /** Of a histogram; upper, rising. */
  readonly bounds: readonly number[];
}

/** Set on every series by the scrape, never by the process. */
export const targetLabels: readonly string[] = ['instance', 'role', 'machine', 'site'];

export const catalogue: ReadonlyMap<string, CatalogueEntry> = new Map(
  table
    .trim()
    .split('\n')
    .map((line) => {
      const [kind = '', name = '', ...labels] = line.split(/\s+/u);
      return [name, { name, kind: toKind(kind), labels, bounds: boundsOf(name, kind) }];
    }),
);

function toKind(word: string): MetricKind {
  return word === 'counter' || word === 'gauge' ? word : 'histogram';
}

function boundsOf(name: string, kind: string): readonly number[] {
  if (kind !== 'histogram') return [];
  if (name.endsWith('_bytes')) return byteBounds;
  return name.endsWith('_score') ? shiftScoreBounds : durationBounds;
}

const ownName = /^app_[a-z][a-z0-9]*_[a-z0-9_]+$/u;

/**
 * The entry of a metric; a module's own `app_<module>_…` needs none.
 *
 * @throws {TypeError} for a name that is not in the catalogue, or is there as another kind or without that label.
 */
export function checkCatalogue(
  name: string,
  kind: MetricKind,
  labels: readonly string[],
): CatalogueEntry {
  if (ownName.test(name)) return { name, kind, labels, bounds: boundsOf(name, kind) };
  const entry = catalogue.get(name);
  if (entry === undefined) throw new TypeError(`${name} is not in the catalogue of metrics.`);
  if (entry.kind !== kind) throw new TypeError(`${name} is a ${entry.kind} in the catalogue.`);
  const extra = labels.find((label) => !entry.labels.includes(label));
  if (extra !== undefined) throw new TypeError(`${name} has no label ${extra} in the catalogue.`);
  return entry;
}
