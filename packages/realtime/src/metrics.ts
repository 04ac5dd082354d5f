import type { Counter, Histogram, Telemetry } from '@plinth/core';

import type { Backplane } from './backplane.ts';
import type { RealtimeStats } from './realtime.ts';

export interface Metrics {
  readonly messages: Counter;
  readonly reset: Counter;
  readonly closed: Counter;
  readonly coalesced: Counter;
  readonly dropped: Counter;
  readonly fanoutSeconds: Histogram;
}

const codes = ['4001', '4003', '4004', '4005', '4008', '4009', '4010', '4011', '4012'];

export function createMetrics({ meter }: Telemetry, stats: () => RealtimeStats): Metrics {
  const counter = (name: string, help: string, labels = {}) =>
    meter.counter({ name, help, unit: '1', labels });
  meter.observable(
    {
      name: 'plinth_rt_connections',
      help: 'Readers that are connected.',
      unit: '1',
      labels: { transport: { oneOf: ['sse', 'ws'] } },
    },
    (set) => {
      const { connections, sockets } = stats();
      set(connections - sockets, { transport: 'sse' });
      set(sockets, { transport: 'ws' });
    },
  );
  meter.observable(
    {
      name: 'plinth_rt_backlog_bytes',
      help: 'Bytes that readers have not taken.',
      unit: 'By',
      labels: {},
    },
    (set) => set(stats().backlogBytes),
  );
  return {
    messages: counter('plinth_rt_messages_total', 'Messages published and delivered.', {
      dir: { oneOf: ['in', 'out'] },
    }),
    reset: counter('plinth_rt_reset_total', 'Times that a reader was told to ask again.', {
      why: { oneOf: ['slow', 'gone', 'epoch', 'much'] },
    }),
    closed: counter('plinth_rt_closed_total', 'Connections that were ended from here.', {
      code: { oneOf: codes },
    }),
    coalesced: counter('plinth_rt_coalesced_total', 'Messages that replaced an older one.'),
    dropped: counter('plinth_rt_dropped_total', 'Messages that a slow reader did not get.', {
      why: { oneOf: ['slow', 'reset'] },
    }),
    fanoutSeconds: meter.histogram({
      name: 'plinth_rt_fanout_seconds',
      help: 'From a publish to the last write of it.',
      unit: 's',
      labels: {},
    }),
  };
}

/** A process without its backplane serves its own readers: degraded, never unready. */
export function watchBackplane({ meter, health }: Telemetry, backplane: Backplane): void {
  meter.observable(
    {
      name: 'plinth_rt_backplane_lag_seconds',
      help: 'From the append of the newest message until it was read here.',
      unit: 's',
      labels: {},
    },
    (set) => set(backplane.lagMs / 1_000),
  );
  health.add({
    name: 'realtime.backplane',
    severity: 'degraded',
    check: async () => (backplane.isUp ? 'up' : 'degraded'),
  });
}
