import type { Readable } from 'node:stream';

import type { Position } from '@plinth/core';

import type { Context } from './context.ts';
import type { PositionTokens } from './position-token.ts';
import type { Statement } from './statement.ts';
import type {
  Listing,
  Page,
  PageQuery,
  Rows,
  RowsQuery,
  Summary,
  SummaryQuery,
} from './listing.ts';

export interface ReadOptions {
  /** Where replicas are: how new the data must be. Default `session`: never older than what this client has seen. */
  readonly consistency?: 'strong' | 'session' | 'monotonic' | 'eventual' | { maxLagMs: number };
  /** One snapshot for all statements (repeatable read). */
  readonly snapshot?: boolean;
  /**
   * At the server for reports: 5 minutes a statement, 4 at once. While it is away, or behind what this client has
   * seen, and where there is none, at a replica or the primary, 2 at once at each.
   */
  readonly target?: 'reporting';
}
export interface WriteOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** Times that the callback may run again after 40001, 40P01 or a connection lost before COMMIT. Default 3. */
  readonly retries?: number;
  readonly lockTimeoutMs?: number;
  /** Done twice it is as done once: it runs again where nobody knows whether it has happened. */
  readonly idempotent?: boolean;
  /** At most 200 characters, kept for a day: a write whose answer was lost is known by it, after a failover too. */
  readonly writeKey?: string;
}

/** A statement with its parameters, not yet sent. */
export interface Call<row = unknown> {
  readonly statement: Statement<never, row>;
  readonly params: unknown;
}

export interface Reader {
  /** @throws {Problem} `postgres.row_count` unless there is exactly one row. */
  one<params, row>(statement: Statement<params, row>, params: params): Promise<row>;
  maybe<params, row>(statement: Statement<params, row>, params: params): Promise<row | undefined>;
  many<params, row>(statement: Statement<params, row>, params: params): Promise<row[]>;
}

export type BeforeCommit = (later: (makeCall: BeforeCommit) => void) => Call | undefined;

/** One open transaction. A function that takes one writes nowhere else. */
export interface Transaction extends Reader {
  /** Whose work it is: tenant, actor, trace. */
  readonly context: Context;
  /** @returns the number of rows that the command touched. */
  run<params, row>(statement: Statement<params, row>, params: params): Promise<number>;
  savepoint<result>(work: () => Promise<result>): Promise<result>;
  /** Runs after a commit that is known to have happened. It must not throw. */
  after(work: () => void): void;
  /**
   * Its statement leaves in the commit's flight; nothing may follow. How the outbox flushes.
   * One that was given within a savepoint goes when that is rolled back. `later` puts a further one behind
   * all that are there.
   */
  beforeCommit(makeCall: BeforeCommit): void;
}

export interface CopyTarget<row> {
  /** `schema.table` */
  readonly table: string;
  readonly columns: readonly string[];
  /** One value a column, as the server's text input; null for NULL. */
  toFields(row: row): readonly (string | null)[];
}

export interface PoolStats {
  readonly name: string;
  readonly used: number;
  readonly idle: number;
  readonly max: number;
  readonly waiting: number;
}

export interface Database {
  /** READ ONLY, under the context's tenant. */
  read<result>(
    context: Context,
    work: (reader: Reader) => Promise<result>,
    options?: ReadOptions,
  ): Promise<result>;
  /**
   * Commits what `work` did, or nothing of it. `work` may run again: it has no effect outside the database.
   * Joins the unit of work that http opened for an idempotency key, where the context carries one.
   */
  write<result>(
    context: Context,
    work: (tx: Transaction) => Promise<result>,
    options?: WriteOptions,
  ): Promise<result>;
  /** One statement, one round trip, scoped to the tenant. */
  one<params, row>(context: Context, s: Statement<params, row>, params: params): Promise<row>;
  maybe<params, row>(
    context: Context,
    s: Statement<params, row>,
    params: params,
  ): Promise<row | undefined>;
  many<params, row>(context: Context, s: Statement<params, row>, params: params): Promise<row[]>;
  run<params, row>(context: Context, s: Statement<params, row>, params: params): Promise<number>;
  /** Chunks of at most `options.chunk` rows (default 1,000); the next is fetched when the last was taken. */
  stream<params, row>(
    context: Context,
    s: Statement<params, row>,
    params: params,
    options?: { chunk?: number },
  ): AsyncIterable<row[]>;
  page<row>(context: Context, listing: Listing<row>, query: PageQuery): Promise<Page<row>>;
  summary<row>(context: Context, listing: Listing<row>, query: SummaryQuery): Promise<Summary>;
  rows<row>(context: Context, listing: Listing<row>, query: RowsQuery): Promise<Rows<row>>;
  /** The ids that a filter keeps, in chunks of 1,000 and the order of `sort`: how a job walks a selection. */
  ids<row>(context: Context, listing: Listing<row>, query: SummaryQuery): AsyncIterable<string[]>;
  /** The rows that a filter keeps, in chunks of 1,000 and the order of `sort`: how an export streams. */
  walk<row>(context: Context, listing: Listing<row>, query: SummaryQuery): AsyncIterable<row[]>;
  copyIn<row>(
    context: Context,
    target: CopyTarget<row>,
    rows: AsyncIterable<row> | Iterable<row> | Readable,
  ): Promise<{ rows: number; position: Position }>;
  /** On a connection of its own, which is opened again when it is lost; then `onReconnect` is called. */
  listen(
    channel: string,
    onMessage: (payload: string) => void,
    onReconnect?: () => void,
  ): Promise<() => Promise<void>>;
  /** Outside any transaction, best effort: wakes others, coalesced to one a channel each 20 ms. */
  notify(channel: string): void;
  /** Positions as clients carry them, signed by the key ring. */
  readonly positions: PositionTokens;
  stats(): PoolStats[];
  /** No new work; waits for what is in flight, at most `deadlineMs` (default 10,000). */
  drain(deadlineMs?: number): Promise<{ finished: number; cancelled: number }>;
}
