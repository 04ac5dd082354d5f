import type { Kpis, Query } from '@plinth/telemetry/kpi';

import type { RunResult } from './runner.ts';
import type { Tally } from './tally.ts';

export interface GateRow {
  readonly gate: string;
  /** `all`, or `GET /v1/invoices`. */
  readonly route: string;
  /** Milliseconds for a latency, a part of 1 for errors. */
  readonly value: number;
  readonly limit: number;
  readonly unit: 'ms' | 'ratio';
  readonly pass: boolean;
}

/** `noisy`: the generator was late, which can only have made latencies worse. `invalid` says nothing about the system. */
export type Verdict = 'passed' | 'failed' | 'noisy' | 'invalid';

export interface Judgement {
  readonly verdict: Verdict;
  readonly why: string;
  readonly rows: readonly GateRow[];
}

const droppedRatioMax = 0.001;
const limitedRatioMax = 0.001;
const achievedRatioMin = 0.99;
const lagMsMax = 10;
const lagShareMax = 0.1;
const utilizationMax = 0.85;
/** Fewer requests of a route say nothing about its tail: the rank must lie at least so deep. */
const tailRequestsMin = 5;

/** Judges the whole and each route by the gates of the KPI file; those that need a file of evidence are not judged here. */
export function judgeRun(result: RunResult, gates: Kpis['gates']): Judgement {
  const routes = byRoute(result);
  const rows = Object.entries(gates).flatMap(([gate, limit]) => {
    if (!('query' in limit) || !('below' in limit)) return [];
    return [
      judgeRow({ gate, query: limit.query, below: limit.below }, 'all', result.total),
      ...[...routes].map(([route, tally]) =>
        judgeRow({ gate, query: limit.query, below: limit.below }, route, tally),
      ),
    ].filter((row) => row !== undefined);
  });
  const failed = rows.filter(({ pass }) => !pass);
  const invalid = findInvalid(result);
  if (invalid !== undefined) return { verdict: 'invalid', why: invalid, rows };
  const late = findLate(result);
  if (failed.length === 0) {
    return late === undefined
      ? { verdict: 'passed', why: 'every gate holds', rows }
      : { verdict: 'noisy', why: `every gate holds, although ${late}`, rows };
  }
  const why = failed.map(describe).join('; ');
  const onlyLatency = failed.every(({ unit }) => unit === 'ms');
  if (late !== undefined && onlyLatency)
    return { verdict: 'invalid', why: `${late}: ${why}`, rows };
  return { verdict: 'failed', why, rows };
}

function byRoute({ byStep, routes }: RunResult): Map<string, Tally> {
  const grouped = new Map<string, Tally>();
  for (const [step, tally] of byStep) {
    const route = routes.get(step);
    if (route === undefined) continue;
    const known = grouped.get(route);
    if (known === undefined) grouped.set(route, tally.copy());
    else known.merge(tally);
  }
  return grouped;
}

interface Gate {
  readonly gate: string;
  readonly query: Query;
  readonly below: number;
}

function judgeRow({ gate, query, below }: Gate, route: string, tally: Tally): GateRow | undefined {
  if (query.kind === 'quantile') {
    if (tally.requests * (1 - query.q) < tailRequestsMin) return undefined;
    const value = tally.latency.percentile(query.q) / 1_000;
    const limit = below * 1_000;
    return { gate, route, value, limit, unit: 'ms', pass: value < limit };
  }
  if (query.kind === 'ratio' && tally.requests > 0) {
    const value = tally.failed / tally.requests;
    // One failure among few requests is above any such limit, and should be.
    return { gate, route, value, limit: below, unit: 'ratio', pass: value < below };
  }
  return undefined;
}

export function describe({ gate, route, value, limit, unit }: GateRow): string {
  const [is, most] =
    unit === 'ms'
      ? [`${value.toFixed(0)} ms`, `${limit.toFixed(0)} ms`]
      : [`${(value * 100).toFixed(2)} %`, `${(limit * 100).toFixed(2)} %`];
  return `${gate} of ${route} is ${is}, must be below ${most}`;
}

function findInvalid({ total, byStep, planned, sent }: RunResult): string | undefined {
  const dropped = byStep.get('dropped')?.requests ?? 0;
  if (dropped / planned > droppedRatioMax)
    return `${dropped} arrivals found no free place and were dropped`;
  const limited = total.errors.get('limited') ?? 0;
  if (limited / Math.max(1, total.requests) > limitedRatioMax) {
    return `${limited} answers were 429: the limiter was measured, not the server`;
  }
  if (total.failed === 0 && sent < planned * achievedRatioMin)
    return `${sent} of ${planned} arrivals were begun`;
  return undefined;
}

function findLate({ sendLag, total, loopUtilization }: RunResult): string | undefined {
  const lagMs = sendLag.percentile(0.99) / 1_000;
  const p99Ms = total.latency.percentile(0.99) / 1_000;
  if (lagMs > lagMsMax && lagMs > lagShareMax * p99Ms) {
    return `the generator was ${lagMs.toFixed(0)} ms late at its p99`;
  }
  if (loopUtilization > utilizationMax) {
    return `the generator was busy ${(loopUtilization * 100).toFixed(0)} % of the time`;
  }
  return undefined;
}
