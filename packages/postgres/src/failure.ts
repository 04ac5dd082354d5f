import { Problem } from '@plinth/core';

/** What the server or the socket said, without what a caller must not see. */
export interface Failure {
  /** The server's five characters, or undefined where it said nothing: the connection was lost. */
  readonly sqlstate: string | undefined;
  readonly message: string;
  readonly constraint: string | undefined;
  readonly table: string | undefined;
  readonly cause: unknown;
}

/** What COMMIT's tag says where no statement has failed. */
export const rolledBack: Failure = {
  sqlstate: '25P02',
  message: 'the transaction was rolled back',
  constraint: undefined,
  table: undefined,
  cause: undefined,
};

const sqlstateForm = /^[0-9A-Z]{5}$/u;
/** Errors of a server that is going, or has gone: nothing more comes over this connection. */
const goneStates = new Set(['57P01', '57P02', '57P03']);
const lostStates = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '25P04']);

export function failureOf(error: unknown): Failure {
  const sqlstate = textOf(error, 'code');
  const isServers = sqlstate !== undefined && sqlstateForm.test(sqlstate);
  if (!isServers) {
    const message = error instanceof Error ? error.message : String(error);
    return { sqlstate: undefined, message, constraint: undefined, table: undefined, cause: error };
  }
  return {
    sqlstate,
    message: withoutValues(sqlstate, textOf(error, 'message') ?? ''),
    constraint: textOf(error, 'constraint'),
    table: textOf(error, 'table'),
    cause: scrub(error),
  };
}

/** The connection is of no more use, whatever was said last. */
export function isLost({ sqlstate }: Failure): boolean {
  return sqlstate === undefined || sqlstate.startsWith('08') || lostStates.has(sqlstate);
}

/** A prepared statement that no longer fits the schema, or is not known on this connection. */
export function isStalePlan({ sqlstate, message }: Failure): boolean {
  return (
    sqlstate === '26000' || (sqlstate === '0A000' && message.includes('must not change result'))
  );
}

/** The server replays another one's log, or is told to read only: nothing can be written there. */
export function isStandby({ sqlstate, message }: Failure): boolean {
  if (sqlstate === '25006') return true;
  const isRecovery = sqlstate === '0A000' || sqlstate === '55000';
  return isRecovery && message.includes('recovery');
}

/** It is the server that went, and not one session of it. */
export function isServerGone({ sqlstate }: Failure): boolean {
  return sqlstate === undefined || sqlstate.startsWith('08') || goneStates.has(sqlstate);
}

/** The server did not take a connection; a full queue of our own says nothing about it. */
export function isUnreachable(error: unknown): boolean {
  const isRefused = error instanceof Problem && error.code === 'postgres.unavailable';
  return isRefused && error.cause !== undefined && isServerGone(failureOf(error.cause));
}

function textOf(error: unknown, key: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : undefined;
}

/** Data exceptions quote the value that did not fit. */
function withoutValues(sqlstate: string, message: string): string {
  return sqlstate.startsWith('22') ? message.replace(/: ".*$/su, '') : message;
}

/** The cause goes to the log; the server's detail holds values of rows. */
function scrub(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  for (const key of ['detail', 'where', 'internalQuery', 'hint'])
    Reflect.deleteProperty(error, key);
  const sqlstate = textOf(error, 'code') ?? '';
  error.message = withoutValues(sqlstate, error.message);
  return error;
}
