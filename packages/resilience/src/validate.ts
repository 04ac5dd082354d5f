import { z } from '@plinth/core/z';

import type { PipelineOptions } from './options.ts';

const limitMs = z.number().positive();
const wait = z.number().nonnegative();
const count = z.number().int().nonnegative();
const least = z.number().int().min(1);
const fn = z.function().optional();

const Options = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_.-]{0,63}$/u, 'is lower case, at most 64 characters'),
  totalTimeoutMs: limitMs.or(z.literal(Infinity)).optional(),
  attemptTimeoutMs: limitMs.or(z.literal(Infinity)).optional(),
  retry: z
    .strictObject({
      max: count,
      baseMs: wait,
      maxMs: wait,
      backoff: z.enum(['exponential', 'linear', 'constant']),
      jitter: z.enum(['decorrelated', 'full', 'none']),
      budget: z
        .union([z.string().min(1), z.custom((value) => typeof value === 'object')])
        .optional(),
      assumeIdempotent: z.boolean().optional(),
      handle: fn,
      delay: fn,
    })
    .optional(),
  breaker: z
    .strictObject({
      failureRatio: z.number().positive().max(1),
      windowMs: z.number().min(500),
      minThroughput: least,
      breakMs: limitMs,
      maxBreakMs: limitMs,
      halfOpenCalls: least,
      slowCallMs: limitMs.optional(),
      handle: fn,
    })
    .refine(({ breakMs, maxBreakMs }) => maxBreakMs >= breakMs, 'maxBreakMs is below breakMs')
    .optional(),
  bulkhead: z
    .strictObject({ max: least, queue: count, queueTimeoutMs: limitMs.or(z.literal(Infinity)) })
    .optional(),
  rateLimit: z
    .strictObject({ permits: least, perMs: limitMs, burst: least.optional(), queue: count })
    .optional(),
  hedge: z
    .strictObject({
      delayMs: limitMs.or(z.literal('p95')),
      max: least,
      budget: z.number().positive().max(1),
    })
    .optional(),
});

/** Not looked into: they are what their types say. */
const opaque = new Set(['fallback', 'chaos', 'telemetry', 'clock', 'random']);

/** @throws {TypeError} for options that no pipeline can keep: a mistake of the program, told when it is built. */
export function checkOptions(options: PipelineOptions): void {
  const judged = Object.entries(options).filter(([key]) => !opaque.has(key));
  const parsed = Options.safeParse(Object.fromEntries(judged));
  if (!parsed.success)
    throw new TypeError(`pipeline ${options.name}: ${z.prettifyError(parsed.error)}`);
  const { attemptTimeoutMs = Infinity, totalTimeoutMs = Infinity } = options;
  if (attemptTimeoutMs > totalTimeoutMs && attemptTimeoutMs < Infinity)
    throw new TypeError(`pipeline ${options.name}: attemptTimeoutMs is above totalTimeoutMs.`);
}
