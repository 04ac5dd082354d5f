import { systemClock } from '@plinth/core';

import type { HttpResult } from './exchange.ts';

const transient = new Set([408, 429, 500, 502, 503, 504]);

/** Inside the pipeline a status that may pass is an error, so that retry and breaker see it; the caller gets the answer. */
export class StatusFailure extends Error {
  override readonly name = 'StatusFailure';
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly result: HttpResult;

  constructor(result: HttpResult) {
    super(`The target answers with ${result.status}.`);
    // One that gave up after its own retries says so: only one layer repeats.
    this.status = result.headers['plinth-no-retry'] === '1' ? 0 : result.status;
    this.retryAfterMs = retryAfterMs(result);
    this.result = result;
  }
}

export function isTransientStatus(status: number): boolean {
  return transient.has(status);
}

/** Of a 503 or 429: seconds, or an instant, which is compared with the server's own clock (RFC 9110, 10.2.3). */
function retryAfterMs({ headers }: HttpResult): number | undefined {
  const { 'retry-after': text, date } = headers;
  if (typeof text !== 'string') return undefined;
  if (/^\d{1,9}$/u.test(text)) return Number(text) * 1_000;
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) return undefined;
  const nowMs = typeof date === 'string' ? Date.parse(date) : systemClock.now();
  return Math.max(0, atMs - (Number.isNaN(nowMs) ? systemClock.now() : nowMs));
}
