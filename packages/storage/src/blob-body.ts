import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';

import { Problem } from '@plinth/core';

import type { Body, ByteRange, PutOptions, StoredBlob } from './blob-store.ts';

/** Counts and hashes a body while it streams past. */
export interface Measure {
  /** @throws {Problem} `storage.too_large`; `storage.aborted` once the signal aborts, also while the body is silent. */
  pass(body: Body): AsyncGenerator<Uint8Array>;
  /** Of what has passed. */
  result(): StoredBlob;
}

export function measure({ bytesMax, signal }: PutOptions): Measure {
  const hash: Hash = createHash('sha256');
  let bytes = 0;
  return {
    async *pass(body) {
      for await (const chunk of untilAborted(body, signal)) {
        bytes += chunk.byteLength;
        if (bytes > bytesMax) throw tooLarge(bytesMax);
        hash.update(chunk);
        if (chunk.byteLength > 0) yield chunk;
      }
    },
    result: () => ({ bytes, sha256: hash.digest('hex') }),
  };
}

/** Does not wait for a body that is silent: it is told to end, and left. */
async function* untilAborted(
  body: Body,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) {
    yield body;
    return;
  }
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(abortedProblem(signal?.reason));
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted === true) abort();
  aborted.promise.catch(() => 'heard below, where somebody waits');
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { value, done } = await Promise.race([chunks.next(), aborted.promise]);
      if (done === true) return;
      yield value;
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    if (body instanceof Readable) body.destroy();
    else chunks.return?.().catch(() => 'it was told to end');
  }
}

/** First and last byte that are meant; undefined: none, of an empty blob. @throws {Problem} `storage.bad_range`. */
export function resolveRange(
  bytes: number,
  range: ByteRange | undefined,
): { first: number; last: number } | undefined {
  if (range === undefined) return bytes === 0 ? undefined : { first: 0, last: bytes - 1 };
  const { first, last = bytes - 1 } = range;
  const isWithin = Number.isInteger(first) && Number.isInteger(last) && first >= 0;
  if (!isWithin || first >= bytes || last < first) {
    throw new Problem(`The range is not within the ${bytes} bytes of the blob.`, {
      code: 'storage.bad_range',
      kind: 'invalid',
      context: { bytes },
    });
  }
  return { first, last: Math.min(last, bytes - 1) };
}

export function notFound(): Problem {
  return new Problem('There is no such blob.', { code: 'storage.not_found', kind: 'notFound' });
}

export function abortedProblem(cause: unknown): Problem {
  return new Problem('The upload was broken off.', {
    code: 'storage.aborted',
    kind: 'cancelled',
    cause,
  });
}

export function fullProblem(cause: unknown): Problem {
  return new Problem('There is no room for the blob.', {
    code: 'storage.full',
    kind: 'unavailable',
    cause,
  });
}

function tooLarge(bytesMax: number): Problem {
  return new Problem(`The content has more than ${bytesMax} bytes.`, {
    code: 'storage.too_large',
    kind: 'tooLarge',
    context: { bytesMax },
  });
}
