import { rate, type Kpis, type Limit, type Query } from '@plinth/telemetry/kpi';
import {
  evaluate,
  judgeLamps,
  readRoutes,
  SeriesWindow,
  toMs,
  type LampLight,
} from '@plinth/telemetry/reader';

import { kpis as objectives } from '../../../topology/kpi.ts';
import type { Gate, Lamp, Overview, ProcessRow } from './answers.ts';
import { endOf, figure, gauges, minutes15, minutes5, rates } from './figures.ts';
import type { Watch, Watched } from './watch.ts';

/** By name, whatever names there are. */
const kpis: Kpis = objectives;
const stepMs = 30_000;
const routesMax = 40;
const http = { metric: 'http_server_request_duration_seconds' };

/** The lamps, the gates of the KPI file, the routes and the processes, as of the last frames. */
export function readOverview(watch: Watch, at: number): Overview {
  const { windows } = watch;
  return {
    at,
    asOf: endOf(windows),
    processes: watch.processes.map(readProcess),
    lamps: judgeLamps(kpis, windows).map((light) => toLamp(light, windows)),
    gates: readGates(windows),
    routes: readRoutes(windows).slice(0, routesMax),
    perSecond: course(rate(http), windows, 2 * stepMs),
  };
}

function toLamp(light: LampLight, windows: readonly SeriesWindow[]): Lamp {
  const { name, of, value = null, unit, warn, critical, state, becomes = null, alert } = light;
  const lamp = kpis.lamps[name];
  const limits = lamp?.alert === alert ? lamp : lamp?.also;
  const where = Object.values(light.labels)
    .filter((one) => one !== 'all.0')
    .join(' ');
  const line =
    lamp === undefined || limits === undefined
      ? []
      : course(limits.query, windows, toMs(lamp.window));
  return { name, of, value, unit, warn, critical, state, becomes, alert, where, course: line };
}

/** The worst value each 30 s of the last 15 minutes; null where nothing was measured. */
function course(
  query: Query,
  windows: readonly SeriesWindow[],
  windowMs: number,
): (number | null)[] {
  const endMs = endOf(windows);
  if (endMs === 0) return [];
  return Array.from({ length: minutes15 / stepMs }, (_, step) => {
    const atMs = endMs - minutes15 + (step + 1) * stepMs;
    const covered = windows.some((window) => window.seconds(windowMs, atMs) > 0);
    const rows = covered ? evaluate(query, windows, { windowMs, endMs: atMs }) : [];
    return rows.length === 0 ? null : Math.max(...rows.map(({ value }) => value));
  });
}

function readGates(windows: readonly SeriesWindow[]): Gate[] {
  const span = { windowMs: minutes5, endMs: endOf(windows) };
  return Object.entries(kpis.gates).flatMap(([name, gate]) => {
    if (!isLimit(gate)) return [];
    const value = evaluate(gate.query, windows, span)[0]?.value ?? null;
    const limit = 'below' in gate ? { above: gate.below } : { below: gate.above };
    const broken = value !== null && ('above' in limit ? value > limit.above : value < limit.below);
    const state = value === null ? 'no data' : broken ? 'broken' : 'kept';
    const unit = gate.query.kind === 'quantile' ? 's' : 'ratio';
    return [{ name, value, limit, unit, state }];
  });
}

function isLimit(gate: Kpis['gates'][string]): gate is Limit {
  return 'query' in gate;
}

function readProcess({ run, state, heardAt, frames, checks }: Watched): ProcessRow {
  const { instance, role, pid } = run;
  const own = frames === undefined ? [] : [new SeriesWindow(frames, { instance, role })];
  const worst = (metric: string) => figure(gauges(own, { metric }, 'instance', 'sum'));
  const each = (metric: string) => figure(rates(own, { metric }, 'instance'));
  const gc = evaluate({ kind: 'named', rule: 'plinth:gc_time:ratio' }, own, {
    windowMs: minutes5,
    endMs: endOf(own),
  });
  const build = frames?.series.find(({ name }) => name === 'plinth_build_info');
  return {
    instance,
    role,
    pid,
    state,
    heardAt,
    version: build?.labels['version'] ?? '',
    figures: {
      perSecond: each(http.metric),
      cpu: each('process_cpu_time_seconds_total'),
      memoryBytes: worst('process_memory_usage_bytes'),
      heapBytes: worst('v8js_memory_heap_used_bytes'),
      loopDelay: worst('nodejs_eventloop_delay_p99_seconds'),
      gc: gc[0]?.value ?? null,
    },
    checks,
  };
}
