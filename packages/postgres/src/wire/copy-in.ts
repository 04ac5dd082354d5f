import type { InFlight } from './batch.ts';
import type { ServerMessage } from './messages.ts';
import type { Answer } from './wire.ts';

/** COPY FROM STDIN as the server answers it. */
export class CopyIn implements InFlight {
  /** The server takes data. Rejects with its error. */
  readonly started: Promise<void>;
  /** All of it is in the table. Rejects with the server's error, also while data is still being sent. */
  readonly done: Promise<Answer>;
  readonly #start = Promise.withResolvers<void>();
  readonly #end = Promise.withResolvers<Answer>();
  #error: unknown;
  #count = 0;

  constructor() {
    this.started = this.#start.promise;
    this.done = this.#end.promise;
    this.started.catch(() => undefined);
    this.done.catch(() => undefined);
  }

  /** The server refused; what is still sent is thrown away by it. */
  get hasFailed(): boolean {
    return this.#error !== undefined;
  }

  /** Never fulfils; rejects when the server refuses or the signal aborts. */
  failedOr(signal: AbortSignal): Promise<never> {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.done.catch(reject);
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return promise;
  }

  take(message: ServerMessage): void {
    if (message.name === 'copyInResponse') this.#start.resolve();
    else if (message.name === 'commandComplete') {
      this.#count = Number(message.text.slice(message.text.lastIndexOf(' ') + 1));
    } else if (message.name === 'error') {
      this.#error ??= message;
      this.#start.reject(message);
    }
  }

  end(): void {
    if (this.#error === undefined) {
      this.#end.resolve({ command: 'COPY', count: this.#count, columns: [], rows: [] });
    } else this.#end.reject(this.#error);
  }

  lose(error: unknown): void {
    this.#start.reject(error);
    this.#end.reject(this.#error ?? error);
  }
}

const headBytes = 5;
const copyDataCode = 100;

/** CopyData: the piece is written once, straight behind its head. */
export function copyData(piece: string | Buffer): Buffer {
  const bytes = Buffer.byteLength(piece);
  const message = Buffer.allocUnsafe(headBytes + bytes);
  message[0] = copyDataCode;
  message.writeInt32BE(bytes + 4, 1);
  if (typeof piece === 'string') message.write(piece, headBytes);
  else piece.copy(message, headBytes);
  return message;
}
