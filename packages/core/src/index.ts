export { systemClock, type Clock } from './clock.ts';
export type { Actor, ClientInfo, Ctx, Position, PositionSession, TenantId } from './ctx.ts';
export { createIds, idTime, isId, type NewId } from './ids.ts';
export {
  noSpan,
  noTelemetry,
  type BoundHistogram,
  type Counter,
  type Gauge,
  type HealthCheck,
  type HealthRegistry,
  type HealthReport,
  type HealthState,
  type Histogram,
  type HistogramDef,
  type LabelRule,
  type Labels,
  type Meter,
  type MetricDef,
  type Span,
  type Telemetry,
  type Tracer,
} from './instruments.ts';
export type { KeyPurpose, KeyRing } from './key-ring.ts';
export { noLog, type Fields, type Log } from './log.ts';
export {
  kindTable,
  Problem,
  type FieldProblem,
  type Json,
  type Kind,
  type ProblemJson,
  type ProblemOptions,
} from './problem.ts';
