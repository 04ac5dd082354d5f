import { Problem, type Json, type ProblemOptions } from '@plinth/core';

import { isLost, type Failure } from './failure.ts';

/** Where it happened. */
export interface Scene {
  readonly statement: string | undefined;
  readonly tenant: string;
  /** Why a statement was cancelled, where we did it. */
  readonly cancelled: 'timeout' | 'signal' | undefined;
}

type Answer = Pick<ProblemOptions, 'code' | 'kind' | 'retryAfterMs'> & { readonly message: string };

const retryAfterMs = 1_000;

const byState: Readonly<Record<string, Answer>> = {
  '23505': { message: 'It exists already.', code: 'postgres.conflict', kind: 'conflict' },
  '23503': {
    message: 'What it refers to is missing, or is still referred to.',
    code: 'postgres.conflict',
    kind: 'conflict',
  },
  '23P01': { message: 'It overlaps another.', code: 'postgres.conflict', kind: 'conflict' },
  '23502': { message: 'A value is missing.', code: 'postgres.bad_input', kind: 'unprocessable' },
  '23514': {
    message: 'A value breaks a rule of its table.',
    code: 'postgres.bad_input',
    kind: 'unprocessable',
  },
  '25006': {
    message: 'The statement writes, and the transaction or the server only reads.',
    code: 'postgres.read_only',
    kind: 'unavailable',
  },
  '40001': contended(),
  '40P01': contended(),
  '57014': timedOut(),
  '53100': unavailable('The disk of the database is full.'),
  '53300': unavailable('The database takes no more connections.'),
  '55P03': {
    message: 'Another transaction holds the row for too long.',
    code: 'postgres.lock_timeout',
    kind: 'unavailable',
    retryAfterMs,
  },
  '25P03': {
    message: 'The transaction was idle for too long.',
    code: 'postgres.timeout',
    kind: 'timeout',
  },
  '3D000': unavailable('The database does not exist.'),
};

/** What a caller gets for a failure of the server or the connection. Never a parameter's value. */
export function problemOf(failure: Failure, scene: Scene): Problem {
  const { message, ...options } = answerOf(failure, scene);
  return new Problem(message, {
    ...options,
    context: contextOf(failure, scene),
    cause: failure.cause,
  });
}

function answerOf(failure: Failure, scene: Scene): Answer {
  const { sqlstate, message } = failure;
  if (scene.cancelled !== undefined && (sqlstate === undefined || sqlstate === '57014')) {
    return scene.cancelled === 'signal' ? cancelled() : timedOut();
  }
  if (isWithoutTenant(failure, scene)) return withoutTenant;
  const answer = sqlstate === undefined ? undefined : byState[sqlstate];
  if (answer !== undefined) return answer;
  if (sqlstate === '42501') return notAllowed(message);
  return isLost(failure)
    ? unavailable('The connection to the database was lost.')
    : answerOfClass(sqlstate ?? '', message);
}

const withoutTenant: Answer = {
  message: 'A table of tenants was reached without a tenant.',
  code: 'postgres.no_tenant',
  kind: 'internal',
};

function answerOfClass(sqlstate: string, message: string): Answer {
  if (sqlstate.startsWith('22')) {
    return { message: `${message}.`, code: 'postgres.bad_input', kind: 'unprocessable' };
  }
  if (sqlstate.startsWith('28')) return unavailable('The database refuses this role.');
  return { message: `The database says: ${message}.`, code: 'postgres.failed', kind: 'internal' };
}

/** The server says 42704 as long as the setting was never made in a session, then 22P02 on its empty text. */
function isWithoutTenant({ sqlstate, message }: Failure, { tenant }: Scene): boolean {
  if (tenant !== 'none') return false;
  return sqlstate === '42704' ? message.includes('app.tenant') : sqlstate === '22P02';
}

function notAllowed(message: string): Answer {
  if (message.includes('row-level security')) {
    return {
      message: 'The row is not one that this tenant may write.',
      code: 'postgres.forbidden',
      kind: 'forbidden',
    };
  }
  return { message: `${message}.`, code: 'postgres.no_privilege', kind: 'internal' };
}

function contextOf({ sqlstate, constraint, table }: Failure, { statement }: Scene) {
  const context: Record<string, Json> = {};
  for (const [key, value] of Object.entries({ sqlstate, constraint, table, statement })) {
    if (value !== undefined) context[key] = value;
  }
  return context;
}

function unavailable(message: string): Answer {
  return { message, code: 'postgres.unavailable', kind: 'unavailable', retryAfterMs };
}

function contended(): Answer {
  return {
    message: 'Too many write the same rows at once.',
    code: 'postgres.contended',
    kind: 'unavailable',
    retryAfterMs,
  };
}

function timedOut(): Answer {
  return { message: 'The database took too long.', code: 'postgres.timeout', kind: 'timeout' };
}

function cancelled(): Answer {
  return { message: 'The caller went away.', code: 'postgres.cancelled', kind: 'cancelled' };
}

/** A Problem without a server's failure behind it. */
export function refuse({ message, ...options }: Answer, cause?: unknown): Problem {
  return new Problem(message, { ...options, ...(cause === undefined ? {} : { cause }) });
}

export function unavailableProblem(message: string, cause?: unknown): Problem {
  return refuse(unavailable(message), cause);
}

export function timeoutProblem(): Problem {
  return refuse(timedOut());
}

export function cancelledProblem(cause?: unknown): Problem {
  return refuse(cancelled(), cause);
}

export function commitUnknown(cause?: unknown): Problem {
  return refuse(
    {
      message: 'The connection was lost while the commit was on its way: it may have happened.',
      code: 'postgres.commit_unknown',
      kind: 'unavailable',
      retryAfterMs,
    },
    cause,
  );
}

export function contextEnded(): Problem {
  return refuse({
    message: 'The reader or transaction was used after its work had ended.',
    code: 'postgres.context_ended',
    kind: 'internal',
  });
}

export function nestedWrite(): Problem {
  return refuse({
    message: 'A write began inside another write: pass the transaction, or its context.',
    code: 'postgres.nested_write',
    kind: 'internal',
  });
}

export function draining(): Problem {
  return refuse({
    message: 'The process is ending and takes no more work.',
    code: 'postgres.draining',
    kind: 'unavailable',
    retryAfterMs,
  });
}
