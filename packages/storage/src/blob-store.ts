import type { Readable } from 'node:stream';

/** Bytes of a blob, counted from 0, both ends included; as in an HTTP Range header. */
export interface ByteRange {
  readonly first: number;
  /** Default: the last byte there is. */
  readonly last?: number;
}

export interface PutOptions {
  /** Must be the first part of the key; `_` for what belongs to no tenant. */
  readonly tenant: string;
  /** Media type, as a Content-Type header has it. */
  readonly type: string;
  /** One byte more fails the put, and nothing is left of it. */
  readonly bytesMax: number;
  /** Milliseconds since the Unix epoch; from then on the blob is absent. Default: never. */
  readonly expiresAt?: number;
  readonly signal?: AbortSignal;
}

/** A stream of bytes, or all of them. A `Readable` is destroyed when the put fails. */
export type Body = AsyncIterable<Uint8Array> | Uint8Array;

export interface StoredBlob {
  readonly bytes: number;
  /** Of the whole content, 64 hex digits. */
  readonly sha256: string;
}

export interface BlobEntry extends StoredBlob {
  readonly key: string;
  readonly type: string;
  readonly expiresAt: number | null;
}

export interface OpenBlob extends StoredBlob {
  readonly type: string;
  /** The range that was asked for; `bytes` and `sha256` are those of the whole blob. */
  readonly body: Readable;
}

/**
 * Keeps blobs: streamed in and out, hashed on the way, gone after their expiry.
 *
 * A key is `tenant/area/name…`: two to eight parts of `[A-Za-z0-9._-]`, at most 200 characters; `_/assets/…` for
 * builds. A blob appears whole or not at all, and replaces the one of its key at once.
 */
export interface BlobStore {
  /**
   * @throws {Problem} `storage.bad_key`, `storage.too_large`, `storage.full` (unavailable), `storage.aborted`
   * (cancelled); the body's own error passes through. After each of them nothing is left behind.
   */
  put(key: string, body: Body, options: PutOptions): Promise<StoredBlob>;
  /** @throws {Problem} `storage.not_found`; `storage.bad_range` (invalid) beyond the blob's end. */
  open(key: string, range?: ByteRange): Promise<OpenBlob>;
  /** Removing what is not there does nothing. */
  remove(key: string): Promise<void>;
  /** At most 1,000 that have not expired, by key, those after `after`. */
  list(prefix: string, after?: string): Promise<BlobEntry[]>;
  /** Removes what has expired and what unfinished puts of dead processes left. @returns how many. */
  sweep(): Promise<number>;
}
