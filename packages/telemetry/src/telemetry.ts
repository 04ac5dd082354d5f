import type { Clock, Log, Telemetry } from '@plinth/core';

import type { FinishedSpan } from './tracer.ts';

export interface TelemetryOptions {
  readonly clock: Clock;
  readonly log?: Log;
  readonly role: string;
  readonly version: string;
  readonly revision?: string;
  /** Part of traces that are kept whatever they hold, default 0.1; errors and slow ones always are. */
  readonly traceRatio?: number;
}

export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** What one process says of itself. */
export interface ProcessTelemetry extends Telemetry {
  /** @param accept of the request; Prometheus text 0.0.4 whatever it says. */
  render(accept?: string): Exposition;
  /** Newest first. */
  traces(): readonly FinishedSpan[];
  /** Begins the checks and the process's own metrics. */
  start(): void;
  stop(): void;
}
