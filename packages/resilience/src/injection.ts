import { Problem, type Json } from '@plinth/core/problem';

import type { Attempt } from './attempt.ts';
import type { Call } from './call.ts';
import type { Injection } from './options.ts';
import { timeoutProblem } from './problems.ts';

const networkErrors: Readonly<Record<string, string>> = {
  reset: 'ECONNRESET',
  refused: 'ECONNREFUSED',
};

/** Does to an attempt what a rule says. It lies inside the breaker: all outside meets it as if it were real. */
export function inject(call: Call, attempt: Attempt, nowMs: number): void {
  const { injection } = attempt;
  if (injection === undefined) return;
  const { fault } = injection;
  switch (fault.kind) {
    case 'latency':
      hold(call, attempt, nowMs, latencyOf(fault.ms, call.machine.random));
      break;
    case 'behavior':
      void behave(call, attempt, fault.run);
      break;
    case 'fault':
      call.error(attempt, errorOf(injection, fault.error));
      break;
    case 'outcome':
      call.error(attempt, outcomeOf(injection.rule, fault.status, fault.body));
      break;
  }
}

function hold(call: Call, attempt: Attempt, nowMs: number, ms: number): void {
  attempt.isDelayed = true;
  call.machine.wheel.arm(attempt, Math.min(nowMs + ms, call.deadline), nowMs);
}

async function behave(call: Call, attempt: Attempt, name: string): Promise<void> {
  const { chaos, ticker, wheel } = call.machine;
  if (call.deadline < Infinity) wheel.arm(attempt, call.deadline, ticker.mono());
  try {
    await chaos?.behavior(name, attempt.signal);
  } catch (error) {
    call.error(attempt, error);
    return;
  }
  if (attempt.isOver) return;
  wheel.disarm(attempt);
  call.work(attempt, ticker.mono());
}

function latencyOf(ms: number | readonly [number, number], random: () => number): number {
  if (typeof ms === 'number') return ms;
  return ms[0] + random() * (ms[1] - ms[0]);
}

function errorOf({ rule }: Injection, error: string): unknown {
  if (error === 'timeout') return timeoutProblem('attempt', 0);
  const code = networkErrors[error];
  if (code !== undefined) return Object.assign(new Error(`${code} by the rule ${rule}`), { code });
  return new Problem(error, { code: 'resilience.chaos', kind: 'unavailable', context: { rule } });
}

function outcomeOf(rule: string, status: number, body: unknown): Problem {
  return new Problem(`The rule ${rule} answers with ${status}.`, {
    code: 'resilience.chaos',
    kind: 'unavailable',
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- read from JSON by the rules' schema
    context: { rule, status, ...(body === undefined ? {} : { body: body as Json }) },
  });
}
