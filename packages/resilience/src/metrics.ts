import type { HealthState, LabelRule, Meter, Telemetry } from '@plinth/core';

import type { Machine } from './machine.ts';
import type { BreakerState, PipelineOptions, PipelineStats } from './options.ts';

interface Reported {
  readonly outer: Machine;
  readonly inner: Machine;
  stats(): PipelineStats;
}

const stateNumbers: Readonly<Record<BreakerState, number>> = {
  closed: 0,
  'half-open': 1,
  open: 2,
  isolated: 3,
};
const attemptNames = ['1', '2', '3', '4+'] as const;
const pipelineLabel: { readonly pipeline: LabelRule } = { pipeline: { declared: true } };

/** The pipelines that a meter shows; each metric is registered once. */
const shown = new WeakMap<Meter, Map<string, Reported>>();

/** Shows a pipeline in metrics and health. @returns a function that takes it out of the metrics. */
export function report({ name, telemetry }: PipelineOptions, reported: Reported): () => void {
  if (telemetry === undefined) return () => undefined;
  const { meter, health } = telemetry;
  const known = shown.get(meter) ?? register(telemetry);
  known.set(name, reported);
  reported.outer.duration = meter
    .histogram({
      name: 'plinth_resilience_duration_seconds',
      help: 'From the beginning of a call to its end, waits and retries included.',
      unit: 's',
      labels: pipelineLabel,
    })
    .bind({ pipeline: name });
  health.add({
    name: `resilience.${name}`,
    severity: 'degraded',
    failAfter: 1,
    check: async () => healthOf(reported.inner.partitions.state),
  });
  return () => {
    if (known.get(name) === reported) known.delete(name);
  };
}

function healthOf(state: BreakerState): HealthState {
  return state === 'closed' ? 'up' : 'degraded';
}

function register({ meter }: Telemetry): Map<string, Reported> {
  const known = new Map<string, Reported>();
  shown.set(meter, known);
  observeCounts(meter, known);
  observeStates(meter, known);
  return known;
}

function observeCounts(meter: Meter, known: ReadonlyMap<string, Reported>): void {
  const labels = pipelineLabel;
  meter.observable(
    {
      name: 'plinth_resilience_calls_total',
      help: 'Calls by how they ended.',
      unit: '1',
      labels: { ...labels, outcome: { declared: true } },
    },
    (set) => {
      for (const [pipeline, { stats }] of known)
        for (const [outcome, count] of Object.entries(stats().calls))
          set(count, { pipeline, outcome });
    },
  );
  meter.observable(
    {
      name: 'plinth_resilience_attempts_total',
      help: 'Attempts by their number.',
      unit: '1',
      labels: { ...labels, n: { oneOf: attemptNames } },
    },
    (set) => {
      for (const [pipeline, { stats }] of known)
        for (const [index, count] of stats().attempts.entries())
          set(count, { pipeline, n: attemptNames[index] ?? '4+' });
    },
  );
  for (const [name, help, key] of [
    ['plinth_resilience_breaker_changes_total', 'Changes of breakers.', 'breakerChanges'],
    ['plinth_resilience_hedge_wins_total', 'Second calls that were faster.', 'hedgeWins'],
  ] as const) {
    meter.observable({ name, help, unit: '1', labels }, (set) => {
      for (const [pipeline, { stats }] of known) set(stats()[key], { pipeline });
    });
  }
}

function observeStates(meter: Meter, known: ReadonlyMap<string, Reported>): void {
  const gauge = (name: string, help: string, read: (one: Reported) => number | undefined) =>
    meter.observable({ name, help, unit: '1', labels: pipelineLabel }, (set) => {
      for (const [pipeline, one] of known) {
        const value = read(one);
        if (value !== undefined) set(value, { pipeline });
      }
    });
  gauge(
    'plinth_resilience_breaker_state',
    '0 closed, 1 half-open, 2 open, 3 isolated; the worst of its partitions.',
    ({ inner }) => stateNumbers[inner.partitions.state],
  );
  gauge(
    'plinth_resilience_bulkhead_used_ratio',
    'Places in use, of the fullest partition.',
    ({ outer }) => outer.usedRatio(),
  );
  gauge(
    'plinth_resilience_retry_budget_tokens',
    'What is left for retries; below 50 there are none.',
    ({ inner }) => inner.budget?.tokens,
  );
}
