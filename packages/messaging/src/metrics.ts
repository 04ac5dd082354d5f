import type { Counter, Gauge, Histogram, LabelRule, Telemetry } from '@plinth/core';

export interface Metrics {
  readonly outboxLag: Gauge;
  readonly outboxPending: Gauge;
  readonly deliveryLag: Gauge;
  readonly deliveryPending: Gauge;
  readonly laneBlocked: Gauge;
  readonly paused: Gauge;
  readonly dead: Counter;
  readonly redriven: Counter;
  readonly duplicate: Counter;
  readonly fenced: Counter;
  readonly handleSeconds: Histogram;
}

const sub: Readonly<Record<string, LabelRule>> = { sub: { declared: true } };
const reasons = ['failed', 'permanent', 'bad-body', 'lane-full', 'beyond-inbox-window'];

export function createMetrics({ meter }: Telemetry): Metrics {
  const gauge = (name: string, help: string, labels = {}, unit: 's' | '1' = '1') =>
    meter.gauge({ name, help, unit, labels });
  const counter = (name: string, help: string, labels = {}) =>
    meter.counter({ name, help, unit: '1', labels });
  return {
    outboxLag: gauge(
      'plinth_outbox_lag_seconds',
      'Age of the oldest event that is committed and not sent.',
      {},
      's',
    ),
    outboxPending: gauge('plinth_outbox_pending', 'Events that are committed and not sent.'),
    deliveryLag: gauge(
      'plinth_delivery_lag_seconds',
      'Age of the oldest event that a subscription has not handled, held ones included.',
      sub,
      's',
    ),
    deliveryPending: gauge('plinth_delivery_pending', 'Events not yet handled.', sub),
    laneBlocked: gauge('plinth_lane_blocked', 'Keys that wait behind a failed event.', sub),
    paused: gauge('plinth_paused', '1 while a subscription is paused.', {
      ...sub,
      why: { oneOf: ['operator', 'lane-full', 'dependency'] },
    }),
    dead: counter('plinth_dead_total', 'Events given up.', { ...sub, reason: { oneOf: reasons } }),
    redriven: counter('plinth_redriven_total', 'Dead events that were sent again.', sub),
    duplicate: counter('plinth_duplicate_total', 'Events that had been handled before.', sub),
    fenced: counter('plinth_fenced_total', 'Claims refused since the lease was lost.', sub),
    handleSeconds: meter.histogram({
      name: 'plinth_handle_seconds',
      help: 'One transaction of a subscriber.',
      unit: 's',
      labels: sub,
    }),
  };
}
