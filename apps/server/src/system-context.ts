import { noSpan, primarySession, type Ctx } from '@plinth/core';

import type { Chassis } from './chassis.ts';
import { everyPermission } from './permissions.ts';

const timeoutMs = 30_000;

/** For what the product does by itself: nobody's request. */
export function systemContext(
  { clock, newId, log }: Pick<Chassis, 'clock' | 'newId' | 'log'>,
  tenant: string,
): Ctx {
  return {
    reqId: newId(),
    traceparent: `00-${noSpan.traceId}-${noSpan.spanId}-00`,
    tenant,
    actor: { kind: 'system', id: 'server', permissions: everyPermission },
    deadline: clock.mono() + timeoutMs,
    signal: AbortSignal.timeout(timeoutMs),
    position: primarySession(),
    span: noSpan,
    clock,
    log,
  };
}
