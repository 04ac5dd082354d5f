export {
  ConfigError,
  defineConfig,
  env,
  envOptional,
  envSecret,
  loadConfig,
  Secret,
  type Config,
  type ConfigLine,
  type Loaded,
  type Variable,
} from './config.ts';
export { bytes, duration, flag, port, wholeNumber } from './config-types.ts';
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
export { createLog, type JsonLog, type Level } from './json-log.ts';
export type { KeyPurpose, KeyRing } from './key-ring.ts';
export { createLifecycle, type Lifecycle, type Part, type Phase } from './lifecycle.ts';
export { nearest } from './nearest.ts';
export { noLog, type Fields, type Log } from './log.ts';
export { createPositionSession, isNewerPosition, primarySession } from './position-session.ts';
export {
  kindTable,
  Problem,
  type FieldProblem,
  type Json,
  type Kind,
  type ProblemJson,
  type ProblemOptions,
} from './problem.ts';
