import { randomFillSync } from 'node:crypto';

import type { Clock, Span, Tracer } from '@plinth/core';

import { parseTraceparent } from './traceparent.ts';

export interface FinishedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly tookMs: number;
  readonly outcome: 'ok' | 'problem' | 'error';
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export interface RecordingTracer extends Tracer {
  /** What is in the rings, newest first. */
  finished(): readonly FinishedSpan[];
}

const attributesMax = 32;
const attributeCharactersMax = 256;
const poolBytes = 8_192;
/** Past it the oldest go; errors and slow roots have a ring of their own, so that good ones cannot evict them. */
const recentSpansMax = 3_072;
const keptSpansMax = 1_024;
const slowMs = 500;

export function createTracer(
  clock: Pick<Clock, 'now' | 'mono'>,
  random: (bytes: Buffer) => void = (bytes) => void randomFillSync(bytes),
): RecordingTracer {
  const recent: FinishedSpan[] = [];
  const kept: FinishedSpan[] = [];
  const newId = createHexIds(random);

  function record(span: FinishedSpan): void {
    const notable = span.outcome === 'error' || span.tookMs > slowMs;
    const ring = notable ? kept : recent;
    const max = notable ? keptSpansMax : recentSpansMax;
    ring.push(span);
    // Cut by half at a time: a shift a span would move the whole array.
    if (ring.length >= 2 * max) ring.splice(0, ring.length - max);
  }

  function begin(name: string, traceId: string, parentId: string | undefined, agoMs = 0): Span {
    const spanId = newId(8);
    const startedAt = clock.now() - agoMs;
    const start = clock.mono() - agoMs;
    const attributes: Record<string, string | number | boolean> = {};
    let open = true;
    let attributeCount = 0;
    return {
      traceId,
      spanId,
      child: (childName, childAgoMs) => begin(childName, traceId, spanId, childAgoMs),
      attribute(key, value) {
        if (!open || attributeCount >= attributesMax) return;
        attributeCount += 1;
        attributes[key] =
          typeof value === 'string' ? value.slice(0, attributeCharactersMax) : value;
      },
      end(outcome = 'ok') {
        if (!open) return;
        open = false;
        const tookMs = clock.mono() - start;
        record({ traceId, spanId, parentId, name, startedAt, tookMs, outcome, attributes });
      },
    };
  }

  return {
    start(name, traceparent) {
      const parent = parseTraceparent(traceparent);
      return begin(name, parent?.traceId ?? newId(16), parent?.spanId);
    },
    finished: () =>
      [...recent.slice(-recentSpansMax), ...kept.slice(-keptSpansMax)].toSorted(
        (a, b) => b.startedAt - a.startedAt,
      ),
  };
}

/** Hex of random bytes out of a pool: one system call for hundreds of ids. Never all zero. */
function createHexIds(random: (bytes: Buffer) => void): (bytes: number) => string {
  const pool = Buffer.alloc(poolBytes);
  let used = poolBytes;
  return function take(bytes: number): string {
    if (used + bytes > poolBytes) {
      random(pool);
      used = 0;
    }
    used += bytes;
    const id = pool.toString('hex', used - bytes, used);
    return /^0+$/u.test(id) ? take(bytes) : id;
  };
}
