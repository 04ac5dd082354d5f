import type { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';

import type { Ctx } from '@plinth/core';
import { Problem } from '@plinth/core/problem';
import type { Dispatcher } from 'undici';

import type { CallContext } from '../options.ts';
import { whenAborted } from '../pipeline.ts';

/** What of a request's context goes along with its calls. */
export type CallerCtx = Pick<Ctx, 'deadline' | 'signal' | 'traceparent' | 'span'>;

export interface HttpRequest {
  readonly method: string;
  /** Begins with a slash; below the base URL. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** A function is called for each attempt, so that a stream can be sent again. */
  readonly body?: Uint8Array | (() => Readable);
  /** Makes a POST or PATCH repeatable: the same key goes with every attempt. */
  readonly idempotencyKey?: string;
  /** A POST or PATCH that may run twice. */
  readonly idempotent?: boolean;
  /** Gives deadline, signal and trace. */
  readonly ctx?: CallerCtx;
  readonly signal?: AbortSignal;
  /** An instant of the monotonic clock; default the context's. */
  readonly deadlineMs?: number;
  /** Not repeated, and the target is told so: somebody further up repeats already. */
  readonly once?: boolean;
  /** Of the answer; default 16 MiB. */
  readonly bytesMax?: number;
}

export interface HttpResult {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
  text(): string;
  /** @throws {SyntaxError} for a body that is none. */
  json(): unknown;
}

/** A head whose body has not been read. */
export interface HttpStream extends Omit<HttpResult, 'body' | 'text' | 'json'> {
  /** Destroyed if nobody reads from it within a second. */
  readonly body: Readable;
}

/** Undici takes anything that emits `abort`; ours costs no AbortSignal. */
class Ending {
  readonly #context: CallContext;
  reason: unknown;

  constructor(context: CallContext) {
    this.#context = context;
  }

  on(_event: string, listen: () => void): this {
    return this.once(_event, listen);
  }

  once(_event: string, listen: () => void): this {
    whenAborted(this.#context, (reason) => {
      this.reason = reason;
      listen();
    });
    return this;
  }

  removeListener(): this {
    return this;
  }
}

/** Ends the exchange with the attempt. */
export function endingOf(context: CallContext): EventEmitter {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the three methods that undici calls
  return new Ending(context) as unknown as EventEmitter;
}

export function resultOf(
  { statusCode, headers }: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'>,
  body: Uint8Array,
): HttpResult {
  const text = () => Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  return { status: statusCode, headers, body, text, json: () => JSON.parse(text()) };
}

/** @throws {Problem} `resilience.response_too_large` */
export async function readBody(
  { body, headers }: Pick<Dispatcher.ResponseData, 'body' | 'headers'>,
  bytesMax: number,
): Promise<Uint8Array> {
  // Undici gathers a body of known length by itself, without turning it into a stream.
  if (Number(headers['content-length']) <= bytesMax) return body.bytes();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- undici's bodies give buffers
    const piece = chunk as Buffer;
    bytes += piece.length;
    if (bytes > bytesMax) {
      body.destroy();
      throw tooLarge(bytesMax);
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks, bytes);
}

function tooLarge(bytesMax: number): Problem {
  return new Problem(`The answer has more than ${bytesMax} bytes.`, {
    code: 'resilience.response_too_large',
    kind: 'unavailable',
  });
}
