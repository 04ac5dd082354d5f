export { catalogue, type CatalogueEntry, type MetricKind } from './catalogue.ts';
export type { HealthChange } from './health.ts';
export {
  createTelemetry,
  type Exposition,
  type ProcessTelemetry,
  type TelemetryOptions,
} from './telemetry.ts';
export { formatTraceparent, parseTraceparent, type TraceParent } from './traceparent.ts';
export type { FinishedSpan } from './tracer.ts';
