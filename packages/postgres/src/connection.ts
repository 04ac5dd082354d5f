import type { Socket } from 'node:net';

import { serialize } from 'pg-protocol';

import type { InFlight } from './wire/batch.ts';
import { requestCancel } from './wire/cancel.ts';
import { copyData, CopyIn } from './wire/copy-in.ts';
import { Handshake, type SessionKey } from './wire/handshake.ts';
import { readMessages, type ServerMessage } from './wire/messages.ts';
import { openSocket } from './wire/open-socket.ts';
import { Sender } from './wire/sender.ts';
import type { Target } from './wire/target.ts';
import type { Answer, BatchAnswer, Wire } from './wire/wire.ts';

export interface ConnectionOptions {
  readonly target: Target;
  /** Statements that are prepared by name, the least recently used making place; 0 for poolers without names. */
  readonly namedMax: number;
  mono(): number;
}

const connectTimeoutMs = 2_000;

/** A connection that carries any number of batches at once; their answers come in the order of the sending. */
export class Connection {
  readonly bornMs: number;
  idleSinceMs: number;
  /** What NOTIFY sends. */
  onNotification: (channel: string, payload: string) => void = () => undefined;
  /** It ended, whoever ended it. */
  onEnd: () => void = () => undefined;
  readonly #target: Target;
  readonly #key: SessionKey | undefined;
  readonly #socket: Socket;
  readonly #sender: Sender;
  readonly #inFlight: InFlight[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #isRetired = false;
  #hasEnded = false;
  #isClosing = false;
  #lastWords: unknown;

  private constructor(options: ConnectionOptions, socket: Socket, key: SessionKey | undefined) {
    const bornMs = options.mono();
    this.bornMs = bornMs;
    this.idleSinceMs = bornMs;
    this.#target = options.target;
    this.#key = key;
    this.#socket = socket;
    this.#sender = new Sender(socket, options.namedMax);
    socket.on('error', (error) => (this.#lastWords ??= error));
    socket.on('close', () => this.#end());
  }

  /** @throws what the socket or the server said, after 2 s at most. */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const { target } = options;
    const signal = AbortSignal.timeout(connectTimeoutMs);
    const socket = await openSocket(target, signal);
    const handshake = new Handshake(socket, target);
    let take = (message: ServerMessage) => handshake.take(message);
    const fail = (error?: unknown) => handshake.fail(error ?? new Error('The server hung up.'));
    socket.on('error', fail);
    socket.on('close', () => fail());
    signal.addEventListener('abort', () => fail(signal.reason), { once: true });
    readMessages(socket, (message) => take(message));
    socket.resume();
    try {
      await handshake.done;
    } catch (error) {
      socket.destroy();
      throw error;
    }
    const connection = new Connection(options, socket, handshake.key);
    take = (message) => connection.#take(message);
    return connection;
  }

  /** Of the server's process, as it was told at the start; a pooler tells one of its own making. */
  get processId(): number | undefined {
    return this.#key?.processId;
  }

  /** How many batches wait for their answers. */
  get inFlightCount(): number {
    return this.#inFlight.length;
  }

  /**
   * Statements that hold or fail together, unless they are BEGIN and COMMIT themselves. It never rejects: what
   * went wrong stands in the answer.
   */
  batch(wires: readonly Wire[]): Promise<BatchAnswer> {
    if (this.#hasEnded) {
      const error = this.#lastWords ?? new Error('The connection has ended.');
      return Promise.resolve({ answers: [], error, isLost: true, isUnreplicated: false });
    }
    const batch = this.#sender.send(wires);
    this.#inFlight.push(batch);
    return batch.done;
  }

  /** One statement as a batch of its own. Rejects with the server's error as it came. */
  async send(wire: Wire): Promise<Answer> {
    const { answers, error } = await this.batch([wire]);
    const [answer] = answers;
    if (answer === undefined || error !== undefined) throw error;
    return answer;
  }

  /**
   * COPY … FROM STDIN. The source waits while the socket is full, and ends early when the server refuses.
   *
   * @throws what the server said, what the source threw, or the signal's reason; nothing of it is kept then.
   */
  async copyIn(
    text: string,
    source: AsyncIterable<string | Buffer>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const copy = new CopyIn();
    this.#inFlight.push(copy);
    this.#sender.sendNow(serialize.query(text));
    await copy.started;
    const pieces = source[Symbol.asyncIterator]();
    const failed = copy.failedOr(signal);
    try {
      for (;;) {
        const { done, value } = await Promise.race([pieces.next(), failed]);
        if (done === true) break;
        if (!this.#sender.sendNow(copyData(value))) await Promise.race([this.#drained(), failed]);
      }
    } catch (error) {
      // A source that waits for its own source hears of it when that answers.
      pieces.return?.().catch(() => undefined);
      if (copy.hasFailed) return copy.done;
      this.#sender.sendNow(serialize.copyFail('the source failed'));
      await copy.done.catch(() => undefined);
      throw error;
    }
    this.#sender.sendNow(serialize.copyDone());
    return copy.done;
  }

  /** Asks the server to stop what runs now. The connection is not used again: the request may come late. */
  cancel(): void {
    this.retire();
    if (this.#key !== undefined) void requestCancel(this.#target, this.#key);
  }

  /** It is closed instead of going back to its pool. */
  retire(): void {
    this.#isRetired = true;
  }

  isRetired(): boolean {
    return this.#isRetired;
  }

  /**
   * Says goodbye behind all that is in flight. Its end of the socket stays open until the last answer: a server
   * that looks for clients that are gone ends their statements.
   */
  close(): Promise<void> {
    this.retire();
    if (this.#hasEnded) return Promise.resolve();
    this.#sender.sendNow(serialize.end());
    this.#isClosing = true;
    if (this.#inFlight.length === 0) this.#socket.end();
    return this.#ended.promise;
  }

  destroy(): void {
    this.retire();
    this.#socket.destroy();
  }

  #take(message: ServerMessage): void {
    const [first] = this.#inFlight;
    if (message.name === 'readyForQuery') {
      this.#inFlight.shift();
      first?.end();
      if (this.#isClosing && this.#inFlight.length === 0) this.#socket.end();
    } else if (message.name === 'notification') {
      this.onNotification(message.channel, message.payload);
    } else {
      if (message.name === 'error' && message.severity === 'FATAL') this.#lastWords = message;
      first?.take(message);
    }
  }

  async #drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.once('drain', resolve);
    await promise;
  }

  #end(): void {
    this.retire();
    this.#hasEnded = true;
    const error = this.#lastWords ?? new Error('The connection to the server was lost.');
    for (const waiting of this.#inFlight.splice(0)) waiting.lose(error);
    this.#ended.resolve();
    this.onEnd();
  }
}
