import type { Severity } from './alert-rules.ts';

/** One alert without a row of kpi.ts: a series under which it fires, and one beside it that keeps it silent. */
export interface PlainCase {
  readonly alert: string;
  readonly fires: readonly Severity[];
  /** Values of promtool, from the first minute. */
  readonly bad: Readonly<Record<string, string>>;
  readonly good: Readonly<Record<string, string>>;
  readonly atMinutes: number;
}

const minutes = 60;
const steady = (value: number) => `${value}x${minutes}`;
const growing = (step: number) => `0+${step}x${minutes}`;

/** A gauge that stands above its limit, or on it. */
function gaugeCase(
  [alert, series]: readonly [string, string],
  [bad, good]: readonly [number, number],
  { atMinutes, fires }: Pick<PlainCase, 'atMinutes' | 'fires'>,
): PlainCase {
  const one = (value: number) => ({ [series]: steady(value) });
  return { alert, fires, bad: one(bad), good: one(good), atMinutes };
}

/** A counter that grows, or stands. */
function counterCase(alert: string, series: string, fires: readonly Severity[]): PlainCase {
  return {
    alert,
    fires,
    bad: { [series]: growing(1) },
    good: { [series]: steady(7) },
    atMinutes: 25,
  };
}

const warning = { atMinutes: 15, fires: ['warning'] } as const;
const critical = { atMinutes: 15, fires: ['critical'] } as const;
const health = 'plinth_health_status{check="database",severity="critical",instance="a"}';
const requests = 'http_server_request_duration_seconds_count';

/** Requests of which a part fails: 2 % burns the budget of 0.1 % twenty times too fast. What is not there yet counts in no window. */
function burning(alert: string, [bad, good]: readonly [number, number], length: number): PlainCase {
  const series = (share: number) => ({
    [`${requests}{http_response_status_code="500",role="all"}`]: `0+${share}x${length}`,
    [`${requests}{http_response_status_code="200",role="all"}`]: `0+${10_000 - share}x${length}`,
  });
  const fires: readonly Severity[] = alert === 'SloBurnFast' ? ['critical'] : ['ticket'];
  return { alert, fires, bad: series(bad), good: series(good), atMinutes: length - 1 };
}

export const plainCases: readonly PlainCase[] = [
  gaugeCase(['InstanceDown', 'up{job="plinth",instance="a"}'], [0, 1], critical),
  gaugeCase(['HealthCriticalDown', health], [0, 2], critical),
  gaugeCase(
    ['DbPoolWaiting', 'db_client_connection_pending_requests{instance="a"}'],
    [1, 0],
    warning,
  ),
  gaugeCase(['OutboxLag', 'plinth_outbox_lag_seconds{shard="0"}'], [31, 30], warning),
  gaugeCase(['OutboxLag', 'plinth_outbox_lag_seconds{shard="0"}'], [301, 0], {
    atMinutes: 15,
    fires: ['critical', 'warning'],
  }),
  gaugeCase(['DeliveryBehind', 'plinth_delivery_lag_seconds{sub="a"}'], [301, 300], warning),
  counterCase('DeadLetters', 'plinth_dead_total{sub="a",reason="body"}', ['warning']),
  gaugeCase(['DeliveryPaused', 'plinth_paused{sub="a",why="operator"}'], [1, 0], warning),
  gaugeCase(['JobsLate', 'plinth_job_oldest_seconds{queue="a",band="0"}'], [61, 60], warning),
  counterCase('JobDead', 'plinth_job_dead_total{name="a"}', ['ticket']),
  counterCase('ScheduleMissed', 'plinth_schedule_missed_total{name="a"}', ['warning']),
  {
    alert: 'CacheHitLow',
    fires: ['ticket'],
    bad: cacheOf(8_000, 2_000),
    good: cacheOf(9_000, 1_000),
    atMinutes: 50,
  },
  {
    alert: 'RealtimeDrops',
    fires: ['warning'],
    bad: liveOf(20),
    good: liveOf(10),
    atMinutes: 20,
  },
  {
    alert: 'FdNearLimit',
    fires: ['warning'],
    bad: filesOf(81),
    good: filesOf(80),
    atMinutes: 20,
  },
  counterCase('TelemetryCardinality', 'plinth_telemetry_overflow_total{metric="a"}', ['ticket']),
  burning('SloBurnFast', [200, 20], 20),
  burning('SloBurnSlow', [40, 5], 90),
];

function cacheOf(hits: number, misses: number): Readonly<Record<string, string>> {
  return {
    'plinth_cache_hits_total{region="a",level="l1"}': growing(hits),
    'plinth_cache_misses_total{region="a",reason="absent"}': growing(misses),
  };
}

function liveOf(dropped: number): Readonly<Record<string, string>> {
  return {
    'plinth_rt_dropped_total{why="slow"}': growing(dropped),
    'plinth_rt_messages_total{transport="sse",dir="out"}': growing(1_000),
  };
}

function filesOf(open: number): Readonly<Record<string, string>> {
  return {
    'process_open_file_descriptor_count{instance="a"}': steady(open),
    'plinth_process_fd_limit{instance="a"}': steady(100),
  };
}
