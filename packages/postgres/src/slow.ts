import type { Log } from '@plinth/core';

import type { Execution } from './execution.ts';

/** One entry a slow statement; never its parameters. */
export function logSlow(log: Log, { statement, ms, rows, outcome, context }: Execution): void {
  (context.log ?? log).warn('postgres.slow_statement', {
    statement: statement.name,
    text: statement.text,
    serverMs: Math.round(ms),
    rows,
    outcome,
    tenant: context.tenant,
    ...(context.span === undefined ? {} : { traceId: context.span.traceId }),
  });
}
