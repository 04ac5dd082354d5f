import { gauge, quantile, rate, ratio, time, type Query } from './kpi-query.ts';

export interface PanelRow {
  readonly title: string;
  readonly query: Query;
  readonly unit: 's' | 'ratio' | 'rps' | 'bytes' | 'count';
  readonly by: readonly string[];
}

export interface DashboardRows {
  readonly name: string;
  readonly panels: readonly PanelRow[];
}

const requests = { metric: 'http_server_request_duration_seconds' };
const failed = { ...requests, where: { http_response_status_code: /5../u } };
const statements = { metric: 'db_client_operation_duration_seconds' };
const waits = { metric: 'db_client_connection_wait_time_seconds' };
const poolOf = ['instance', 'db_client_connection_pool_name'];
const perSecond = { unit: 'rps' } as const;

function timed(title: string, metric: string, by: readonly string[]): PanelRow[] {
  return [0.5, 0.95, 0.99].map((q) => ({
    title: `${title}, p${q * 100}`,
    query: quantile(q, { metric }, by),
    unit: 's',
    by,
  }));
}

function counted(title: string, metric: string, by: readonly string[]): PanelRow {
  return { title, query: rate({ metric }, by), by, ...perSecond };
}

function measured(
  title: string,
  metric: string,
  unit: PanelRow['unit'],
  by: readonly string[] = ['instance'],
): PanelRow {
  return { title, query: gauge({ metric }, 'max', by), unit, by };
}

/** What each dashboard beside the overview shows; only what a running product measures is here. */
export const dashboardRows: readonly DashboardRows[] = [
  {
    name: 'http',
    panels: [
      counted('Requests', requests.metric, ['http_route']),
      counted('Answers by status', requests.metric, ['http_response_status_code']),
      {
        title: 'Errors',
        query: ratio(rate(failed, ['instance']), rate(requests, ['instance'])),
        unit: 'ratio',
        by: ['instance'],
      },
      ...timed('Duration', requests.metric, ['http_route']),
      measured('In flight', 'http_server_active_requests', 'count'),
    ],
  },
  {
    name: 'database',
    panels: [
      {
        title: 'Time of statements (connections that they hold)',
        query: time(statements, ['db_query_summary']),
        unit: 'count',
        by: ['db_query_summary'],
      },
      counted('Statements', statements.metric, ['db_query_summary']),
      ...timed('Statement', statements.metric, ['statement_class', 'db_role']),
      measured('Connections', 'db_client_connection_count', 'count', [
        ...poolOf,
        'db_client_connection_state',
      ]),
      measured('Connections, most', 'db_client_connection_max', 'count', poolOf),
      measured('Waiting', 'db_client_connection_pending_requests', 'count', poolOf),
      {
        title: 'Wait for a connection, p99',
        query: quantile(0.99, waits, poolOf),
        unit: 's',
        by: poolOf,
      },
    ],
  },
  {
    name: 'messages',
    panels: [
      measured('Sent late', 'plinth_outbox_lag_seconds', 's', ['shard']),
      measured('Not sent', 'plinth_outbox_pending', 'count', ['shard']),
      measured('Subscriptions behind', 'plinth_delivery_lag_seconds', 's', ['sub']),
      measured('Not handled', 'plinth_delivery_pending', 'count', ['sub']),
    ],
  },
  {
    name: 'node',
    panels: [
      counted('Processor', 'process_cpu_time_seconds_total', ['instance', 'cpu_mode']),
      measured('Memory', 'process_memory_usage_bytes', 'bytes'),
      measured('Heap', 'v8js_memory_heap_used_bytes', 'bytes', [
        'instance',
        'v8js_heap_space_name',
      ]),
      {
        title: 'Garbage collection',
        query: time({ metric: 'v8js_gc_duration_seconds' }, ['instance']),
        unit: 'ratio',
        by: ['instance'],
      },
      measured('Event loop, p99', 'nodejs_eventloop_delay_p99_seconds', 's'),
      measured('Event loop, busy', 'nodejs_eventloop_utilization_ratio', 'ratio'),
      ...timed('Thread pool', 'plinth_threadpool_wait_seconds', ['instance']),
      measured('Files and sockets', 'process_open_file_descriptor_count', 'count'),
      measured('Files and sockets, most', 'plinth_process_fd_limit', 'count'),
      measured('Checks (2: up)', 'plinth_health_status', 'count', ['instance', 'check']),
    ],
  },
  {
    name: 'machines',
    panels: [
      {
        title: 'Processor of a core, by mode',
        query: rate({ metric: 'system_cpu_time_seconds_total' }, ['machine', 'cpu_mode']),
        unit: 'ratio',
        by: ['machine', 'cpu_mode'],
      },
      measured('Memory available', 'system_memory_linux_available_bytes', 'bytes', ['machine']),
      measured('Memory', 'system_memory_limit_bytes', 'bytes', ['machine']),
      {
        title: 'Disks, busy',
        query: rate({ metric: 'system_disk_io_time_seconds_total' }, ['machine', 'system_device']),
        unit: 'ratio',
        by: ['machine', 'system_device'],
      },
    ],
  },
];
