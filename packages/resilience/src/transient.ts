import { Problem } from '@plinth/core/problem';

import type { Outcome } from './options.ts';

const statuses = new Set([408, 429, 500, 502, 503, 504]);
/** The request cannot have reached its target. */
const neverLeft = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);
const networkCodes = new Set([
  ...neverLeft,
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

interface Told {
  readonly code?: unknown;
  readonly status?: unknown;
  readonly retryAfterMs?: unknown;
  readonly context?: unknown;
  readonly cause?: unknown;
}

/**
 * Whether another attempt may succeed: a network error, an attempt's timeout, or an error whose `status` is
 * 408, 429, 500, 502, 503 or 504. What another pipeline refused is not tried again here: only one layer retries.
 */
export function isTransient(outcome: Outcome): boolean {
  return outcome.kind === 'error' && isTransientError(outcome.error);
}

export function isTransientError(error: unknown): boolean {
  if (!isTold(error)) return false;
  const { code, status } = error;
  if (typeof code === 'string') {
    if (networkCodes.has(code)) return true;
    if (code === 'resilience.chaos') return isInjectedStatus(error);
    if (code.startsWith('resilience.')) return isAttemptTimeout(error);
  }
  if (typeof status === 'number') return statuses.has(status);
  // `fetch` wraps what its socket met.
  return error instanceof TypeError && isTransientError(error.cause);
}

/** Whether the request provably never left: even one that is not idempotent may be sent again. */
export function hasNeverLeft(error: unknown): boolean {
  if (!isTold(error)) return false;
  if (typeof error.code === 'string' && neverLeft.has(error.code)) return true;
  return error instanceof TypeError && hasNeverLeft(error.cause);
}

/** What the target asked for, in ms. */
export function retryAfterOf(error: unknown): number | undefined {
  if (!isTold(error)) return undefined;
  const { retryAfterMs } = error;
  return typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : undefined;
}

/** The status that a rule of chaos gave, where there is one. */
export function injectedStatus(error: unknown): number | undefined {
  if (!(error instanceof Problem) || error.code !== 'resilience.chaos') return undefined;
  const status = error.context?.['status'];
  return typeof status === 'number' ? status : undefined;
}

function isInjectedStatus(error: Told): boolean {
  const status = injectedStatus(error);
  return status !== undefined && statuses.has(status);
}

function isAttemptTimeout({ code, context }: Told): boolean {
  const isTimeout = code === 'resilience.timeout' && typeof context === 'object';
  return isTimeout && context !== null && 'scope' in context && context.scope === 'attempt';
}

function isTold(error: unknown): error is Told {
  return typeof error === 'object' && error !== null;
}
