import { Problem, type Kind } from '@plinth/core';

import type { Failure } from './codecs.ts';

/** Trying again would say the same. */
const lasting: ReadonlySet<Kind> = new Set<Kind>([
  'invalid',
  'forbidden',
  'notFound',
  'gone',
  'unprocessable',
]);
const messageCharactersMax = 1_000;
const backoffDefault = { baseMs: 2_000, maxMs: 900_000 };

export function isLasting(error: unknown): boolean {
  return error instanceof Problem && lasting.has(error.kind);
}

/** What is kept of a failure: a Problem's own words; of anything else only that it was unexpected. */
export function toFailure(error: unknown): Failure {
  const { code, message } = Problem.from(error);
  return { code, message: message.slice(0, messageCharactersMax) };
}

/** Full jitter (Brooker, «Exponential Backoff And Jitter», 2015). @param ratio 0 to 1, at random. */
export function backoffMs(
  attempt: number,
  ratio: number,
  { baseMs, maxMs } = backoffDefault,
): number {
  return ratio * Math.min(maxMs, baseMs * 2 ** (attempt - 1));
}

export function fencedProblem(): Problem {
  return new Problem('Another worker has this job now.', { code: 'jobs.fenced', kind: 'conflict' });
}
