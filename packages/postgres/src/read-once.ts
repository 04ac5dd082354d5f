import type { Context } from './context.ts';
import type { Core } from './core.ts';
import { cancelledProblem, problemOf } from './errors.ts';
import { outcomeOf } from './execution.ts';
import { failureOf, isLost, isStalePlan, isUnreachable } from './failure.ts';
import type { Attempt } from './retry.ts';
import { routeRead, tellFailure, type At } from './routing.ts';
import { laneScopeWire, laneTimeoutMs, scopeWire, type Scope } from './scope.ts';
import { factsOf, type AnyStatement } from './statement-facts.ts';
import { Watch } from './watch.ts';
import type { Answer, BatchAnswer, Wire } from './wire/wire.ts';

export interface OneRead {
  readonly statement: AnyStatement;
  readonly values: readonly (string | null)[];
  readonly scope: Pick<Scope, 'access'> & Partial<Scope>;
}

interface Sent {
  readonly answer: BatchAnswer;
  readonly cancelled: 'timeout' | 'signal' | undefined;
}

const clientGraceMs = 500;

/**
 * One statement without BEGIN and COMMIT: its scope goes before it in the same batch, and ends with that. Hot
 * ones share a lane; one that takes longer there than a second has a connection of its own the next time.
 */
export function readOnce(core: Core, context: Context, read: OneRead): Promise<Answer> {
  return routeRead(core, context, read, async (at) => {
    const { scope } = at;
    const startedMs = core.clock.mono();
    const isHot = scope.plan === 'generic' && scope.isolation === 'read committed';
    let sent = isHot ? await sendShared(core, context, at, read) : undefined;
    if (sent === undefined || isTooLongForLane(sent, scope)) {
      sent = await sendAlone(core, context, at, read);
    }
    report(core, context, { at, read, sent, ms: core.clock.mono() - startedMs });
    return answerOf(core, context, { at, read, sent });
  });
}

interface Done {
  readonly at: At;
  readonly read: OneRead;
  readonly sent: Sent;
}

function report(core: Core, context: Context, o: Done & { readonly ms: number }): void {
  const { answers, error } = o.sent.answer;
  const { role = 'primary' } = o.at.scope;
  core.transactions.report({
    statement: o.read.statement,
    outcome: error === undefined ? 'ok' : outcomeOf(failureOf(error)),
    ms: o.ms,
    rows: answers[1]?.count ?? 0,
    role,
    context,
  });
}

/** @throws {Problem} as the table of errors says. */
function answerOf(core: Core, context: Context, { at, read, sent }: Done): Answer {
  const { answers, error } = sent.answer;
  const [scoped, rows] = answers;
  const failure = error === undefined ? undefined : failureOf(error);
  const attempt: Attempt = {
    scope: at.scope,
    failure,
    isCancelled: sent.cancelled !== undefined,
  };
  at.trace.transaction = attempt;
  // A host that is behind is told before what it said, be it rows or a failure.
  if (scoped !== undefined) at.scope.accept?.(scoped);
  if (failure === undefined && rows !== undefined) return rows;
  tellFailure(core, at.host, attempt);
  throw problemOf(failure ?? failureOf(new Error('The server left out an answer.')), {
    statement: read.statement.name,
    tenant: context.tenant,
    cancelled: sent.cancelled,
  });
}

/** The lane's own bound, not the caller's, has ended it. */
function isTooLongForLane({ answer }: Sent, { statementTimeoutMs }: Scope): boolean {
  if (answer.error === undefined || statementTimeoutMs <= laneTimeoutMs) return false;
  return failureOf(answer.error).sqlstate === '57014';
}

async function sendShared(core: Core, context: Context, at: At, read: OneRead): Promise<Sent> {
  const { signal } = context;
  const { scope } = at;
  const asked = at.host.pool.read({
    signal,
    wire: wireOf(read),
    scope() {
      const statementTimeoutMs = Math.min(scope.statementTimeoutMs, laneTimeoutMs);
      return scopeWire({ ...scope, statementTimeoutMs }, true);
    },
    laneScope: () => laneScopeWire(scope),
  });
  const answer = await reached(core, at, asked);
  if (signal.aborted) throw cancelledProblem(signal.reason);
  return { answer, cancelled: undefined };
}

async function sendAlone(core: Core, context: Context, at: At, read: OneRead): Promise<Sent> {
  const { scope } = at;
  const { pool } = at.host;
  const connection = await reached(core, at, pool.acquire(context.signal));
  if (context.signal.aborted) {
    pool.release(connection);
    throw cancelledProblem(context.signal.reason);
  }
  const watch = new Watch(connection, context.signal);
  const disarm = watch.arm(scope.statementTimeoutMs + clientGraceMs);
  try {
    const answer = await connection.batch([scopeWire(scope, true), wireOf(read)]);
    const failure = answer.error === undefined ? undefined : failureOf(answer.error);
    if (failure !== undefined && (isLost(failure) || isStalePlan(failure))) connection.retire();
    return { answer, cancelled: watch.why };
  } finally {
    disarm();
    watch.stop();
    pool.release(connection);
  }
}

function wireOf({ statement, values }: OneRead): Wire {
  return { text: statement.text, name: factsOf(statement).preparedName, values };
}

async function reached<result>(core: Core, { host }: At, asked: Promise<result>): Promise<result> {
  try {
    return await asked;
  } catch (error) {
    if (isUnreachable(error)) core.hosts.failed(host, 'lost');
    throw error;
  }
}
