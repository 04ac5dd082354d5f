import type { ServerMessage } from './messages.ts';
import type { Prepared, PreparedStatements } from './prepared.ts';
import { suspended, type Answer, type BatchAnswer } from './wire.ts';

/** What the answer to one statement of a batch will be read with. */
export interface Step {
  /** Its name, where it has one that this batch made or relies on. */
  readonly prepared: Prepared | undefined;
  /** Undefined until the server describes it. */
  columns: readonly string[] | undefined;
}

/** What a connection waits for: each takes its messages until ReadyForQuery. */
export interface InFlight {
  take(message: ServerMessage): void;
  /** ReadyForQuery came. */
  end(): void;
  /** The connection ended first. */
  lose(error: unknown): void;
}

const staleStates = new Set(['26000', '0A000', '42P05']);
const noRows: readonly (readonly (string | null)[])[] = [];

/** The answers to the statements between two Syncs, as they come. */
export class Batch implements InFlight {
  readonly done: Promise<BatchAnswer>;
  readonly #steps: readonly Step[];
  readonly #statements: PreparedStatements;
  readonly #answers: Answer[] = [];
  #resolve: (answer: BatchAnswer) => void = () => undefined;
  #rows: (string | null)[][] | undefined;
  #error: unknown;
  #isUnreplicated = false;

  constructor(statements: PreparedStatements, steps: readonly Step[]) {
    this.#statements = statements;
    this.#steps = steps;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Every message but ReadyForQuery, which ends it. */
  take(message: ServerMessage): void {
    const { name } = message;
    // The most frequent first; what says nothing new, such as BindComplete, falls through all.
    if (name === 'dataRow') (this.#rows ??= []).push(message.fields);
    else if (name === 'commandComplete') this.#finish(message.text);
    else if (name === 'rowDescription') this.#describe(message.fields.map((field) => field.name));
    else if (name === 'noData') this.#describe([]);
    else if (name === 'portalSuspended') this.#finish(suspended);
    else if (name === 'emptyQuery') this.#finish('');
    else if (name === 'error') this.#fail(message);
    else if (name === 'notice') {
      this.#isUnreplicated ||= message.routine === 'SyncRepWaitForLSN';
    }
  }

  /** The Sync was reached: what was not answered did not run. */
  end(): void {
    this.#settle(false);
  }

  lose(error: unknown): void {
    this.#error ??= error;
    this.#settle(true);
  }

  #fail(error: ServerMessage & { readonly name: 'error' }): void {
    this.#error ??= error;
    const prepared = this.#steps[this.#answers.length]?.prepared;
    if (prepared !== undefined && staleStates.has(error.code ?? '')) {
      this.#statements.forget(prepared);
    }
  }

  #describe(columns: readonly string[]): void {
    const step = this.#steps[this.#answers.length];
    if (step === undefined) return;
    step.columns = columns;
    if (step.prepared !== undefined) step.prepared.columns = columns;
  }

  #finish(tag: string): void {
    const columns = this.#steps[this.#answers.length]?.columns ?? [];
    const rows = this.#rows ?? noRows;
    this.#rows = undefined;
    const space = tag.indexOf(' ');
    const command = space < 0 ? tag : tag.slice(0, space);
    const count =
      tag === suspended ? rows.length : Number(tag.slice(tag.lastIndexOf(' ') + 1)) || 0;
    this.#answers.push({ command, count, columns, rows });
  }

  #settle(isLost: boolean): void {
    if (this.#error !== undefined && !isLost) this.#forgetUnconfirmed();
    this.#resolve({
      answers: this.#answers,
      error: this.#error,
      isLost,
      isUnreplicated: this.#isUnreplicated,
    });
  }

  /** A name counts from its description on; one that was parsed and no more is closed before it is used again. */
  #forgetUnconfirmed(): void {
    for (const { prepared } of this.#steps) {
      if (prepared !== undefined && prepared.columns === undefined) {
        this.#statements.forget(prepared);
      }
    }
  }
}
