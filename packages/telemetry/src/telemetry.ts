import type { Clock, Log, Meter, Telemetry } from '@plinth/core';

import { BackgroundHealth, type HealthChange } from './health.ts';
import { History } from './history.ts';
import { measureMachine } from './machine-metrics.ts';
import { measureProcess } from './process-metrics.ts';
import { Registry } from './registry.ts';
import { createTracer, type FinishedSpan } from './tracer.ts';

export interface TelemetryOptions {
  readonly clock: Clock;
  readonly log?: Log;
  readonly role: string;
  readonly version: string;
  /** Of the sources, where it is known. */
  readonly revision?: string;
}

export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** What one process says of itself. */
export interface ProcessTelemetry extends Telemetry {
  /** @param accept of the request: Prometheus text 0.0.4 whatever it says. */
  render(accept?: string): Exposition;
  /** Spans that ended, newest first; at most 4,096, errors and slow ones kept longer. */
  traces(): readonly FinishedSpan[];
  /**
   * What the ops listener answers below `/ops/v1/`: `frames?since=`, `traces?id=`.
   *
   * @returns JSON; undefined for another path.
   */
  read(path: string, asked: URLSearchParams): string | undefined;
  /** What became up or down, oldest first. */
  healthChanges(): readonly HealthChange[];
  /** Begins the health checks and the measuring of the process. */
  start(): void;
  stop(): void;
}

const contentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Metrics, traces and health of this process; needs no server of any kind. */
export function createTelemetry(options: TelemetryOptions): ProcessTelemetry {
  const { clock } = options;
  const registry = new Registry(clock);
  const health = new BackgroundHealth(clock, registry);
  const tracer = createTracer(clock);
  const ofProcess = measureProcess(registry, clock);
  // The one process of its machine; of several, the one that starts them.
  if (options.role === 'all') measureMachine(registry);
  const history = new History(registry, clock);
  sayBuild(registry, options);
  return {
    meter: registry,
    tracer,
    health,
    render: () => ({ contentType, body: registry.write() }),
    traces: () => tracer.finished(),
    read(path, asked) {
      if (path === 'frames') return history.read(Number(asked.get('since') ?? 0));
      return path === 'traces' ? readTraces(tracer.finished(), asked.get('id')) : undefined;
    },
    healthChanges: () => health.changes(),
    start() {
      ofProcess.start();
      health.start();
      history.start();
    },
    stop() {
      history.stop();
      health.stop();
      ofProcess.stop();
    },
  };
}

const rootsMax = 200;

/** The spans of one trace, oldest first; without an id the beginnings of the slowest traces. */
function readTraces(spans: readonly FinishedSpan[], id: string | null): string {
  if (id !== null) {
    const own = spans.filter(({ traceId }) => traceId.startsWith(id.toLowerCase()));
    return JSON.stringify({ items: own.toSorted((a, b) => a.startedAt - b.startedAt) });
  }
  const roots = spans.filter(({ parentId }) => parentId === undefined);
  const slowest = roots.toSorted((a, b) => b.tookMs - a.tookMs).slice(0, rootsMax);
  return JSON.stringify({ items: slowest });
}

function sayBuild(meter: Meter, { version, revision = '', role }: TelemetryOptions): void {
  const declared = { declared: true } as const;
  const labels = { version: declared, revision: declared, node: declared, role: declared };
  const node = process.versions.node;
  meter
    .gauge({ name: 'plinth_build_info', help: 'What runs: always 1.', unit: '1', labels })
    .set(1, { version, revision, node, role });
}
