export { createApiKey, parseApiKey, type ApiKey } from './api-keys.ts';
export type { Caller } from './caller.ts';
export type { Identity } from './callers.ts';
export { defaultLimits, httpConfig, type HttpConfig, type HttpLimits } from './config.ts';
export type { HttpOptions } from './create-chassis.ts';
export { createHttp, type Http } from './http.ts';
export { purgeIdempotency } from './idempotency.ts';
export {
  createKeyRing,
  type DatabaseKeyRing,
  type KeyRingOptions,
  type Peppers,
} from './key-ring.ts';
export { createLimiter, type Limiter, type Rate } from './limiter.ts';
export { createLoginLimiter, type LoginAttempt, type LoginLimiter } from './login-limiter.ts';
export { migrations } from './migrations.ts';
export { createOps, type Ops, type OpsOptions } from './ops.ts';
export {
  createPasswords,
  type PasswordCheck,
  type PasswordOptions,
  type Passwords,
} from './passwords.ts';
export type { BoundModule, ExtraRoute, RouteCall } from './router.ts';
export {
  createSessionStore,
  type NewSession,
  type Session,
  type SessionOptions,
  type SessionStore,
} from './sessions.ts';
export type { UploadStore } from './uploads.ts';
