/** A value is taken from a closed set, or declared at start, or counted up to a bound: never a free text. */
export type LabelRule =
  | { readonly oneOf: readonly string[] }
  | { readonly declared: true }
  | { readonly atMost: number };
export type Labels = Readonly<Record<string, string>>;

export interface MetricDef {
  readonly name: string;
  readonly help: string;
  readonly unit: 's' | 'By' | '1' | `{${string}}`;
  readonly labels: Readonly<Record<string, LabelRule>>;
  /** Label sets, default 500, at most 2,000; the rest share one set named `_other`. */
  readonly cap?: number;
}
export interface HistogramDef extends MetricDef {
  /** Upper bounds, rising; default those for durations in seconds. */
  readonly bounds?: readonly number[];
}

export interface Counter {
  add(value: number, labels?: Labels): void;
}
export interface Gauge {
  set(value: number, labels?: Labels): void;
}
export interface BoundHistogram {
  observe(value: number, traceId?: string): void;
}
export interface Histogram {
  /** The look-up happens here, once; the hot path holds what it returns. */
  bind(labels: Labels): BoundHistogram;
}

export interface Meter {
  counter(def: MetricDef): Counter;
  gauge(def: MetricDef): Gauge;
  histogram(def: HistogramDef): Histogram;
  /** `read` is called at each scrape. */
  observable(def: MetricDef, read: (set: (value: number, labels?: Labels) => void) => void): void;
}

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** @param agoMs it began so long ago: for what is told when it has ended. */
  child(name: string, agoMs?: number): Span;
  attribute(name: string, value: string | number | boolean): void;
  end(outcome?: 'ok' | 'problem' | 'error'): void;
}
export interface Tracer {
  /** @param traceparent of the caller; a new trace begins without one. */
  start(name: string, traceparent?: string): Span;
}

export type HealthState = 'up' | 'degraded' | 'down';
export interface HealthCheck {
  readonly name: string;
  /** `critical`: the process is not ready while it is down. */
  readonly severity: 'critical' | 'degraded';
  readonly everyMs?: number;
  readonly timeoutMs?: number;
  /** Failures in a row that make it down, default 2; one success makes it up. */
  readonly failAfter?: number;
  check(signal: AbortSignal): Promise<HealthState>;
}
export interface HealthReport {
  readonly name: string;
  readonly severity: 'critical' | 'degraded';
  readonly state: HealthState;
  /** Of the last change; milliseconds since the Unix epoch. */
  readonly sinceMs: number;
  readonly tookMs: number;
  readonly error?: string;
}
/** Runs checks in the background; nobody waits for one in a request. */
export interface HealthRegistry {
  add(check: HealthCheck): void;
  report(): readonly HealthReport[];
  /** False as long as a critical check is down, or has not yet answered. */
  ready(): boolean;
}

export interface Telemetry {
  readonly meter: Meter;
  readonly tracer: Tracer;
  readonly health: HealthRegistry;
}

const nothing = () => {};
export const noSpan: Span = {
  traceId: '0'.repeat(32),
  spanId: '0'.repeat(16),
  child: () => noSpan,
  attribute: nothing,
  end: nothing,
};

/** For a package that is used alone: measures nothing, costs nothing. */
export const noTelemetry: Telemetry = {
  meter: {
    counter: () => ({ add: nothing }),
    gauge: () => ({ set: nothing }),
    histogram: () => ({ bind: () => ({ observe: nothing }) }),
    observable: nothing,
  },
  tracer: { start: () => noSpan },
  health: { add: nothing, report: () => [], ready: () => true },
};
