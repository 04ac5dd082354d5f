import type { Clock, Position, Problem } from '@plinth/core';

import type { Connection } from './connection.ts';
import type { Answer, Wire } from './wire/wire.ts';
import type { Context } from './context.ts';
import type { BeforeCommit, Call } from './database.ts';
import { contextEnded, cancelledProblem, problemOf, timeoutProblem } from './errors.ts';
import { failureOf, isLost, isStalePlan, type Failure } from './failure.ts';
import type { Outcome } from './metrics.ts';
import { positionOf, positionWire } from './position.ts';
import { encodeParams } from './rows.ts';
import { beginWire, scopeWire, type Scope } from './scope.ts';
import type { AnyStatement } from './statement-facts.ts';
import { factsOf } from './statement-facts.ts';

/** What a finished statement is reported as. */
export interface Execution {
  readonly statement: AnyStatement;
  readonly outcome: Outcome;
  readonly ms: number;
  readonly rows: number;
  readonly context: Context;
}

export interface TransactionNeeds {
  readonly cluster: string;
  readonly clock: Clock;
  report(execution: Execution): void;
}

/** The server ends a statement by itself; the client asks only where the server did not. */
const clientGraceMs = 500;
const cancelGraceMs = 2_000;

/** One transaction on one connection. Its first statements leave before BEGIN is answered. */
export class OpenTransaction {
  readonly context: Context;
  readonly scope: Scope;
  readonly #needs: TransactionNeeds;
  readonly #connection: Connection;
  readonly #afters: (() => void)[] = [];
  readonly #befores: BeforeCommit[] = [];
  readonly #scoped: Promise<Answer>;
  #failure: Failure | undefined;
  #failedStatement: string | undefined;
  #cancelled: 'timeout' | 'signal' | undefined;
  #isEnded = false;
  #isCommitSent = false;
  #savepoints = 0;

  constructor(needs: TransactionNeeds, connection: Connection, context: Context, scope: Scope) {
    this.#needs = needs;
    this.#connection = connection;
    this.scope = scope;
    this.context = scope.access === 'write' ? { ...context, unitOfWork: this } : context;
    context.signal.addEventListener('abort', this.#onAbort, { once: true });
    quiet(this.#send(beginWire(scope)));
    this.#scoped = this.#send(scopeWire(scope));
    quiet(this.#scoped);
  }

  /** The first failure: all that came behind it says only that the transaction is aborted. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  get isCancelled(): boolean {
    return this.#cancelled !== undefined;
  }

  get isCommitSent(): boolean {
    return this.#isCommitSent;
  }

  /** Sends a statement in this tick. @throws {Problem} as the table of errors says. */
  execute(statement: AnyStatement, values: readonly (string | null)[]): Promise<Answer> {
    this.checkOpen();
    return this.#execute(statement, values);
  }

  /** Sends what is no module's statement: cursors, settings. */
  send(wire: Wire): Promise<Answer> {
    this.checkOpen();
    return this.#send(wire);
  }

  after(work: () => void): void {
    this.checkOpen();
    this.#afters.push(work);
  }

  beforeCommit(makeCall: BeforeCommit): void {
    this.checkOpen();
    this.#befores.push(makeCall);
  }

  async savepoint<result>(work: () => Promise<result>): Promise<result> {
    this.checkOpen();
    this.#savepoints += 1;
    const name = `plinth_${this.#savepoints}`;
    const before = { befores: this.#befores.length, afters: this.#afters.length };
    quiet(this.#send({ text: `savepoint ${name}` }));
    try {
      const result = await work();
      await this.#send({ text: `release savepoint ${name}` });
      return result;
    } catch (error) {
      if (this.#failure !== undefined && isLost(this.#failure)) throw error;
      this.#failure = undefined;
      this.#befores.length = before.befores;
      this.#afters.length = before.afters;
      await this.#send({ text: `rollback to savepoint ${name}` });
      throw error;
    }
  }

  /**
   * Sends what was kept for the commit, COMMIT and the question for its position in one flight.
   *
   * @returns the position, where it became known.
   * @throws {Problem} when the server rolled back, also where it said so only by COMMIT's tag.
   */
  async commit(): Promise<Position | undefined> {
    this.#isEnded = true;
    const last: Call[] = [];
    // One may put another behind all: an array that grows is walked to its end.
    for (const makeCall of this.#befores) {
      const call = makeCall((later) => this.#befores.push(later));
      if (call !== undefined) last.push(call);
    }
    const encoded = last.map(({ statement, params }) => ({
      statement,
      values: encodeParams(statement, params),
    }));
    const flight = encoded.map(({ statement, values }) => this.#execute(statement, values));
    const isWrite = this.scope.access === 'write';
    this.#isCommitSent = isWrite;
    const committed = this.#send({ text: 'commit' });
    const position = isWrite ? this.#connection.send(positionWire) : undefined;
    await Promise.allSettled([...flight, committed, position]);
    this.#stopWatching();
    const { command } = await committed.catch(() => ({ command: '' }));
    if (this.#failure !== undefined) throw this.#problem(this.#failure);
    if (command !== 'COMMIT') throw this.#problem(rolledBack);
    const answer = await position?.catch(() => this.#connection.retire());
    return answer === undefined ? undefined : positionOf(this.#needs.cluster, answer);
  }

  /** Called once a commit is known. */
  runAfters(): void {
    for (const work of this.#afters) work();
  }

  async rollback(): Promise<void> {
    this.#isEnded = true;
    this.#stopWatching();
    if (this.#connection.isRetired()) return;
    await this.#connection.send({ text: 'rollback' }).catch(() => this.#connection.retire());
  }

  /** False for a transaction of another database. */
  isOf(needs: TransactionNeeds): boolean {
    return this.#needs === needs;
  }

  /** Its id and the server's timeline, where the first answer arrived. */
  async identity(): Promise<{ id: string; walFile: string } | undefined> {
    const answer = await this.#scoped.catch(() => undefined);
    const [id, walFile] = answer?.rows[0] ?? [];
    return typeof id === 'string' && typeof walFile === 'string' ? { id, walFile } : undefined;
  }

  checkOpen(): void {
    if (this.#isEnded) throw contextEnded();
    if (this.#cancelled === 'timeout') throw timeoutProblem();
    const { signal } = this.context;
    if (signal.aborted) throw cancelledProblem(signal.reason);
  }

  async #execute(statement: AnyStatement, values: readonly (string | null)[]): Promise<Answer> {
    const { preparedName } = factsOf(statement);
    const wire: Wire = { text: statement.text, name: preparedName, values };
    const startedMs = this.#needs.clock.mono();
    const report = (outcome: Outcome, rows: number) => {
      const ms = this.#needs.clock.mono() - startedMs;
      this.#needs.report({ statement, outcome, ms, rows, context: this.context });
    };
    try {
      const answer = await this.#send(wire, statement);
      report('ok', answer.count);
      return answer;
    } catch (error) {
      report(outcomeOf(this.#failure), 0);
      throw error;
    }
  }

  async #send(wire: Wire, statement?: AnyStatement): Promise<Answer> {
    const timer = setTimeout(() => this.#expire(), this.#limitMs(statement));
    try {
      return await this.#connection.send(wire);
    } catch (error) {
      const failure = failureOf(error);
      if (isLost(failure) || isStalePlan(failure)) this.#connection.retire();
      if (this.#failure === undefined) {
        this.#failure = failure;
        this.#failedStatement = statement?.name;
      }
      throw this.#problem(this.#failure);
    } finally {
      clearTimeout(timer);
    }
  }

  #limitMs(statement: AnyStatement | undefined): number {
    const { statementTimeoutMs } = this.scope;
    const ownMs = statement?.options.timeoutMs;
    return ownMs === undefined || ownMs >= statementTimeoutMs
      ? statementTimeoutMs + clientGraceMs
      : ownMs;
  }

  #problem(failure: Failure): Problem {
    return problemOf(failure, {
      statement: this.#failedStatement,
      tenant: this.context.tenant,
      cancelled: this.#cancelled,
    });
  }

  /** Under synchronous replication a cancelled commit answers success: once it was sent, only the socket is closed. */
  #expire(): void {
    this.#cancelled ??= 'timeout';
    this.#connection.retire();
    if (!this.#isCommitSent) this.#connection.cancel();
    setTimeout(() => {
      if (this.#cancelled === 'timeout') this.#connection.destroy();
    }, cancelGraceMs).unref();
  }

  readonly #onAbort = (): void => {
    if (this.#isCommitSent) return;
    this.#cancelled ??= this.#isDeadline() ? 'timeout' : 'signal';
    this.#connection.cancel();
  };

  #isDeadline(): boolean {
    const reason: unknown = this.context.signal.reason;
    return reason instanceof Error && reason.name === 'TimeoutError';
  }

  #stopWatching(): void {
    this.context.signal.removeEventListener('abort', this.#onAbort);
  }
}

const rolledBack: Failure = {
  sqlstate: '25P02',
  message: 'the transaction was rolled back',
  constraint: undefined,
  table: undefined,
  cause: undefined,
};

function outcomeOf(failure: Failure | undefined): Outcome {
  const sqlstate = failure?.sqlstate ?? '';
  if (sqlstate === '57014') return 'timeout';
  return sqlstate.startsWith('23') || sqlstate.startsWith('22') ? 'problem' : 'error';
}

function quiet(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}
