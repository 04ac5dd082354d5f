import type { Position, Problem } from '@plinth/core';

import type { Connection } from './connection.ts';
import type { Context } from './context.ts';
import type { BeforeCommit, Call } from './database.ts';
import {
  commitUnknown,
  contextEnded,
  cancelledProblem,
  problemOf,
  timeoutProblem,
} from './errors.ts';
import { outcomeOf, type TransactionNeeds } from './execution.ts';
import { failureOf, isLost, isStalePlan, rolledBack, type Failure } from './failure.ts';
import { proofWire } from './hosts/proof.ts';
import type { Outcome } from './metrics.ts';
import { positionOf, positionWire } from './position.ts';
import { encodeParams } from './rows.ts';
import {
  beginWire,
  commitWire,
  isProvenInside,
  rollbackWire,
  scopeWire,
  identityOf,
  type Scope,
} from './scope.ts';
import { factsOf, type AnyStatement } from './statement-facts.ts';
import { Watch } from './watch.ts';
import type { Answer, BatchAnswer, Wire } from './wire/wire.ts';

interface Queued {
  readonly wire: Wire;
  readonly statement: AnyStatement | undefined;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** The server ends a statement by itself; the client asks only where the server did not. */
const clientGraceMs = 500;

/** One transaction on one connection: what is asked for in one tick leaves as one batch, the first with BEGIN. */
export class OpenTransaction {
  readonly context: Context;
  readonly scope: Scope;
  readonly #needs: TransactionNeeds;
  readonly #connection: Connection;
  readonly #watch: Watch;
  readonly #afters: (() => void)[] = [];
  readonly #befores: BeforeCommit[] = [];
  readonly #scoped: Promise<Answer>;
  readonly #accepted: Promise<void>;
  #queue: Queued[] = [];
  #failure: Failure | undefined;
  #failedStatement: string | undefined;
  #isEnded = false;
  #isCommitSent = false;
  #isUnreplicated = false;
  #savepoints = 0;

  constructor(needs: TransactionNeeds, connection: Connection, context: Context, scope: Scope) {
    this.#needs = needs;
    this.#connection = connection;
    this.#watch = new Watch(connection, context.signal);
    this.scope = scope;
    this.context = scope.access === 'write' ? { ...context, unitOfWork: this } : context;
    const isProvenBefore = scope.accept && scope.access === 'read' && !isProvenInside(scope);
    const proof = isProvenBefore ? this.#send(proofWire) : undefined;
    // The snapshot that follows must come after the answer's position: a Sync ends its statement.
    if (isProvenBefore) this.#flush();
    quiet(this.#send(beginWire(scope)));
    this.#scoped = this.#send(scopeWire(scope));
    this.#accepted = (proof ?? this.#scoped).then((answer) => scope.accept?.(answer));
    quiet(this.#scoped);
    quiet(this.#accepted);
  }

  /** The first failure: all that came behind it says only that the transaction is aborted. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  get isCancelled(): boolean {
    return this.#watch.why !== undefined;
  }

  get isCommitSent(): boolean {
    return this.#isCommitSent;
  }

  /** Sends a statement with this tick's others. @throws {Problem} as the table of errors says. */
  execute(statement: AnyStatement, values: readonly (string | null)[]): Promise<Answer> {
    this.checkOpen();
    return this.#execute(statement, values);
  }

  /** Sends what is no module's statement: portals, settings. */
  send(wire: Wire): Promise<Answer> {
    this.checkOpen();
    return this.#send(wire);
  }

  /** COPY … FROM STDIN behind all that was asked for. @throws {Problem}, or what the source threw. */
  async copyIn(text: string, source: AsyncIterable<string>): Promise<Answer> {
    this.checkOpen();
    this.#flush();
    const { signal } = this.context;
    try {
      return await this.#connection.copyIn(text, source, signal);
    } catch (error) {
      if (signal.aborted) throw cancelledProblem(error);
      const failure = failureOf(error);
      if (failure.sqlstate === undefined && !this.#connection.isRetired()) throw error;
      throw this.#problem(failure);
    }
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
    const flight = this.#lastCalls().map(({ statement, params }) =>
      this.#execute(statement, encodeParams(statement, params)),
    );
    const isWrite = this.scope.access === 'write';
    const committed = this.#send(commitWire);
    const position = isWrite ? this.#send(positionWire) : undefined;
    if (isWrite) this.#watch.commitIsSent();
    this.#isCommitSent = isWrite;
    this.#flush();
    await Promise.allSettled([...flight, committed, position]);
    this.#watch.stop();
    const { command } = await committed.catch(() => ({ command: '' }));
    if (command !== 'COMMIT') throw this.#problem(this.#failure ?? rolledBack);
    if (this.#isUnreplicated) throw commitUnknown();
    const answer = await position?.catch(() => this.#connection.retire());
    return answer === undefined ? undefined : positionOf(this.#needs.cluster, answer);
  }

  /** Called once a commit is known. */
  runAfters(): void {
    for (const work of this.#afters) work();
  }

  async rollback(): Promise<void> {
    this.#isEnded = true;
    this.#flush();
    this.#watch.stop();
    if (this.#connection.isRetired()) return;
    const { error } = await this.#connection.batch([rollbackWire]);
    if (error !== undefined) this.#connection.retire();
  }

  /** False for a transaction of another database. */
  isOf(needs: TransactionNeeds): boolean {
    return this.#needs === needs;
  }

  /** @throws {Problem} what the scope's `accept` threw: then nothing of it may reach the caller, or be committed. */
  accepted(): Promise<void> {
    return this.scope.accept === undefined ? Promise.resolve() : this.#accepted;
  }

  /** By what its fate can be asked, where the first answer arrived. */
  async identity() {
    const answer = await this.#scoped.catch(() => undefined);
    return identityOf(answer?.rows[0] ?? []);
  }

  checkOpen(): void {
    if (this.#isEnded) throw contextEnded();
    if (this.#watch.why === 'timeout') throw timeoutProblem();
    const { signal } = this.context;
    if (signal.aborted) throw cancelledProblem(signal.reason);
  }

  /** One may put another behind all: an array that grows is walked to its end. */
  #lastCalls(): Call[] {
    const calls: Call[] = [];
    for (const makeCall of this.#befores) {
      const call = makeCall((later) => this.#befores.push(later));
      if (call !== undefined) calls.push(call);
    }
    return calls;
  }

  async #execute(statement: AnyStatement, values: readonly (string | null)[]): Promise<Answer> {
    const { preparedName } = factsOf(statement);
    const wire: Wire = { text: statement.text, name: preparedName, values };
    const startedMs = this.#needs.clock.mono();
    const report = (outcome: Outcome, rows: number) => {
      const ms = this.#needs.clock.mono() - startedMs;
      const { role = 'primary' } = this.scope;
      this.#needs.report({ statement, outcome, ms, rows, role, context: this.context });
    };
    try {
      const answer = await this.#send(wire, statement);
      if (this.scope.accept !== undefined) await this.#accepted;
      report('ok', answer.count);
      return answer;
    } catch (error) {
      report(outcomeOf(this.#failure), 0);
      throw error;
    }
  }

  #send(wire: Wire, statement?: AnyStatement): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const ownMs = this.#ownLimitMs(statement);
    // Its bound is its own: what else is asked for goes before and behind.
    if (ownMs !== undefined) this.#flush();
    this.#queue.push({ wire, statement, resolve, reject });
    if (ownMs !== undefined) this.#flush(ownMs);
    else if (this.#queue.length === 1) process.nextTick(() => this.#flush());
    return promise;
  }

  #flush(ownMs?: number): void {
    const queued = this.#queue;
    if (queued.length === 0) return;
    this.#queue = [];
    const { statementTimeoutMs } = this.scope;
    const allMs = statementTimeoutMs === 0 ? 0 : statementTimeoutMs * queued.length + clientGraceMs;
    const disarm = this.#watch.arm(ownMs ?? allMs);
    const settle = (answer: BatchAnswer) => {
      disarm();
      this.#settle(queued, answer);
    };
    void this.#connection.batch(queued.map(({ wire }) => wire)).then(settle);
  }

  #settle(queued: readonly Queued[], { answers, error, isUnreplicated }: BatchAnswer): void {
    this.#isUnreplicated ||= isUnreplicated;
    if (error !== undefined) {
      const failure = failureOf(error);
      if (isLost(failure) || isStalePlan(failure)) this.#connection.retire();
      if (this.#failure === undefined) {
        this.#failure = failure;
        this.#failedStatement = queued[answers.length]?.statement?.name;
      }
    }
    for (const [at, { resolve, reject }] of queued.entries()) {
      const answer = answers[at];
      if (answer === undefined) reject(this.#problem(this.#failure ?? rolledBack));
      else resolve(answer);
    }
  }

  #ownLimitMs(statement: AnyStatement | undefined): number | undefined {
    const { statementTimeoutMs } = this.scope;
    const ownMs = statement?.options.timeoutMs;
    return ownMs === undefined || ownMs >= statementTimeoutMs ? undefined : ownMs;
  }

  #problem(failure: Failure): Problem {
    return problemOf(failure, {
      statement: this.#failedStatement,
      tenant: this.context.tenant,
      cancelled: this.#watch.why,
    });
  }
}

function quiet(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}
