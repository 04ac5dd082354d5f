import type { Clock } from '@plinth/core';

import type { Context } from './context.ts';
import type { Failure } from './failure.ts';
import type { Outcome } from './metrics.ts';
import type { AnyStatement } from './statement-facts.ts';

/** What a finished statement is reported as. */
export interface Execution {
  readonly statement: AnyStatement;
  readonly outcome: Outcome;
  readonly ms: number;
  readonly rows: number;
  readonly context: Context;
  readonly role: 'primary' | 'replica';
}

export interface TransactionNeeds {
  readonly cluster: string;
  readonly clock: Clock;
  report(execution: Execution): void;
}

export function outcomeOf(failure: Failure | undefined): Outcome {
  const sqlstate = failure?.sqlstate ?? '';
  if (sqlstate === '57014') return 'timeout';
  return sqlstate.startsWith('23') || sqlstate.startsWith('22') ? 'problem' : 'error';
}
