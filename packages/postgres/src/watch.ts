import type { Connection } from './connection.ts';

const cancelGraceMs = 2_000;

/** Ends what runs on a connection when its time is up or its caller goes away. */
export class Watch {
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  #why: 'timeout' | 'signal' | undefined;
  #isCommitSent = false;

  constructor(connection: Connection, signal: AbortSignal) {
    this.#connection = connection;
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Why it was cancelled; undefined if it was not. */
  get why(): 'timeout' | 'signal' | undefined {
    return this.#why;
  }

  /**
   * From here on nothing is cancelled: under synchronous replication a commit whose wait is cancelled answers
   * success. What takes too long loses its socket.
   */
  commitIsSent(): void {
    this.#isCommitSent = true;
  }

  /** @returns ends the wait. @param limitMs 0 waits for ever. */
  arm(limitMs: number): () => void {
    if (limitMs === 0) return () => undefined;
    const timer = setTimeout(() => this.#expire(), limitMs);
    return () => clearTimeout(timer);
  }

  stop(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => {
    if (this.#isCommitSent) return;
    const reason: unknown = this.#signal.reason;
    const isDeadline = reason instanceof Error && reason.name === 'TimeoutError';
    this.#end(isDeadline ? 'timeout' : 'signal');
  };

  #expire(): void {
    if (!this.#isCommitSent) {
      this.#end('timeout');
      return;
    }
    this.#why ??= 'timeout';
    this.#connection.destroy();
  }

  #end(why: 'timeout' | 'signal'): void {
    this.#why ??= why;
    this.#connection.cancel();
    // A server that does not even answer this is left.
    setTimeout(() => this.#connection.destroy(), cancelGraceMs).unref();
  }
}
