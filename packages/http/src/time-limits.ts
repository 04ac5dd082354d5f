import { Problem, type Clock } from '@plinth/core';

import type { Answers } from './answer.ts';
import type { HttpLimits } from './config.ts';
import type { Exchange } from './exchange.ts';

const sweepMs = 250;
const uploadGraceMs = 5_000;

interface Needs {
  readonly inFlight: ReadonlySet<Exchange>;
  readonly answers: Answers;
  readonly limits: HttpLimits;
  readonly clock: Clock;
  onTimeout(): void;
}

/** One look at all requests four times a second: no timer each. */
export function watchTime(needs: Needs): () => void {
  return needs.clock.every(sweepMs, () => {
    const nowMs = needs.clock.mono();
    for (const exchange of needs.inFlight) check(needs, exchange, nowMs);
  });
}

function check(needs: Needs, exchange: Exchange, nowMs: number): void {
  const { limits } = needs;
  switch (exchange.step) {
    case 'body':
      if (nowMs - exchange.startedMs > limits.bodyTimeoutMs) refuseSlow(needs, exchange);
      return;
    case 'upload':
      if (isSlowUpload(exchange, limits, nowMs)) refuseSlow(needs, exchange);
      return;
    case 'run':
      if (nowMs > exchange.deadlineMs) endLate(needs, exchange);
      return;
    case 'sent':
      if (exchange.isStream && nowMs > exchange.deadlineMs) endLate(needs, exchange);
      else if (isStalled(exchange, limits, nowMs)) exchange.response.destroy();
      return;
  }
}

/** The signal ends its SQL; whoever does not listen to it is answered for all the same. */
function endLate({ answers, onTimeout }: Needs, exchange: Exchange): void {
  const late = new Problem('The time for this was up.', {
    code: 'http.deadline',
    kind: 'timeout',
  });
  onTimeout();
  exchange.controller.abort(late);
  answers.problem(exchange, late);
}

function refuseSlow({ answers, onTimeout }: Needs, exchange: Exchange): void {
  onTimeout();
  exchange.controller.abort();
  answers.fault(exchange, {
    status: 408,
    code: 'http.slow_body',
    detail: 'The body did not come in time.',
    close: true,
  });
}

function isSlowUpload(exchange: Exchange, limits: HttpLimits, nowMs: number): boolean {
  if (hasMoved(exchange, exchange.bytesIn, nowMs)) return false;
  const tookMs = nowMs - exchange.startedMs;
  const isTrickle =
    tookMs > uploadGraceMs && (exchange.bytesIn / tookMs) * 1_000 < limits.uploadBytesPerSecondMin;
  return isTrickle || nowMs - exchange.movedMs > limits.uploadIdleMs;
}

function isStalled(exchange: Exchange, limits: HttpLimits, nowMs: number): boolean {
  const { socket } = exchange.response;
  const waiting = socket?.writableLength ?? 0;
  const taken = (socket?.bytesWritten ?? 0) - waiting;
  if (waiting === 0 || hasMoved(exchange, taken, nowMs)) return false;
  return nowMs - exchange.movedMs > limits.stallMs;
}

function hasMoved(exchange: Exchange, bytes: number, nowMs: number): boolean {
  if (bytes === exchange.movedBytes) return false;
  exchange.movedBytes = bytes;
  exchange.movedMs = nowMs;
  return true;
}
