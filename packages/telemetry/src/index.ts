export type { Exposition, ProcessTelemetry, TelemetryOptions } from './telemetry.ts';
export type { FinishedSpan } from './tracer.ts';
