import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';

import { Problem } from '@plinth/core';

import type { Codec, EntryOptions } from './cache.ts';

const depthMax = 64;
/** What a slot of V8 takes beside its content, roughly. */
const objectBytes = 32;
const fieldBytes = 16;

/** A value as L1 keeps it. */
export interface Prepared {
  /** What is kept: the value, or its bytes where each hit decodes. */
  readonly kept: unknown;
  readonly codec: Codec | undefined;
  readonly bytes: number;
  /** Of the value, for one caller. */
  give(): unknown;
}

const encoder = new TextEncoder();
export const jsonCodec: Codec = {
  id: 1,
  encode: (value) => encoder.encode(JSON.stringify(value)),
  decode: (bytes) => JSON.parse(textOf(bytes)),
};
export const structuredCodec: Codec = {
  id: 2,
  encode: (value) => serialize(value),
  decode: (bytes) => deserialize(bytes),
};

/**
 * Checks that the codec gives the value back as it is, estimates its size and freezes it, in one walk.
 *
 * @throws {Problem} `cache.codec` for what does not survive.
 */
export function prepare(value: unknown, options: EntryOptions): Prepared {
  const { codec = 'json', size } = options;
  if (codec === 'bytes') return bytesOf(value, size);
  const values = options.values ?? (codec === 'json' ? 'frozen' : 'clone');
  if (values === 'shared') return asItIs(value, size ?? objectBytes);
  if (codec !== 'json') {
    return encoded(value, codec === 'structured' ? structuredCodec : codec, size);
  }
  const bytes = measure(value, values === 'frozen');
  return values === 'frozen' ? asItIs(value, size ?? bytes) : encoded(value, jsonCodec, size);
}

/** What a slot of L1 holds, as one caller gets it. */
export function give({ kept, codec }: { kept: unknown; codec: Codec | undefined }): unknown {
  return codec !== undefined && kept instanceof Uint8Array ? codec.decode(kept) : kept;
}

/** They are shared: nobody can freeze them, and a copy a hit would cost what the cache saves. */
function bytesOf(value: unknown, size: number | undefined): Prepared {
  if (value === null) return asItIs(value, 0);
  if (value instanceof Uint8Array) return asItIs(value, size ?? value.byteLength);
  throw refused('', 'is no Uint8Array');
}

function asItIs(value: unknown, bytes: number): Prepared {
  return { kept: value, codec: undefined, bytes, give: () => value };
}

function encoded(value: unknown, codec: Codec, size: number | undefined): Prepared {
  let bytes: Uint8Array;
  try {
    bytes = codec.encode(value);
  } catch (error) {
    throw refused('the value', 'cannot be encoded', error);
  }
  return {
    kept: bytes,
    codec,
    bytes: size ?? bytes.byteLength,
    give: () => codec.decode(bytes),
  };
}

/** Tags of what is shared and frozen: made once. */
const etags = new WeakMap<object, string>();

/** First 96 bits of SHA-1 over the encoded value: equal data has an equal tag, on every node. */
export function etagOf(kept: unknown, codec: Codec | undefined): string {
  const known = typeof kept === 'object' && kept !== null ? etags.get(kept) : undefined;
  if (known !== undefined) return known;
  const isBytes = kept instanceof Uint8Array;
  const bytes = codec === undefined && !isBytes ? jsonCodec.encode(kept) : kept;
  const hash = createHash('sha1').update(bytes instanceof Uint8Array ? bytes : '');
  const etag = hash.digest('hex').slice(0, 24);
  if (isBytes || Object.isFrozen(kept)) rememberEtag(kept, etag);
  return etag;
}

/** The tag that came with a value from elsewhere. */
export function rememberEtag(kept: unknown, etag: string): void {
  if (typeof kept === 'object' && kept !== null) etags.set(kept, etag);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** @returns an estimate of the bytes in memory. The path to what is refused is told by a second walk. */
function measure(value: unknown, freezes: boolean): number {
  try {
    return walk(value, undefined, freezes, 0);
  } catch {
    return walk(value, '', freezes, 0);
  }
}

type Path = string | undefined;

function walk(value: unknown, path: Path, freezes: boolean, depth: number): number {
  if (typeof value === 'string') return fieldBytes + value.length;
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || Object.is(value, -0)) throw refused(path, 'is no JSON number');
    return fieldBytes;
  }
  if (value === null || typeof value === 'boolean') return fieldBytes;
  if (typeof value !== 'object') throw refused(path, `is a ${typeof value}`);
  return walkObject(value, path, freezes, depth);
}

function walkObject(value: object, path: Path, freezes: boolean, depth: number): number {
  if (depth >= depthMax) throw refused(path?.slice(0, 80), 'is nested too deep, or holds itself');
  const bytes = Array.isArray(value)
    ? walkArray(value, path, freezes, depth)
    : walkFields(value, path, freezes, depth);
  if (freezes) Object.freeze(value);
  return bytes;
}

function walkArray(parts: readonly unknown[], path: Path, freezes: boolean, depth: number): number {
  let bytes = objectBytes;
  for (let i = 0; i < parts.length; i += 1) {
    bytes += walk(parts[i], path === undefined ? path : `${path}/${i}`, freezes, depth + 1);
  }
  return bytes;
}

function walkFields(value: object, path: Path, freezes: boolean, depth: number): number {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw refused(path, `is a ${value.constructor.name}`);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a plain object's own fields may be read by name
  const fields = value as Readonly<Record<string, unknown>>;
  let bytes = objectBytes;
  for (const key of Object.keys(fields)) {
    const at = path === undefined ? path : `${path}/${key}`;
    bytes += fieldBytes + walk(fields[key], at, freezes, depth + 1);
  }
  return bytes;
}

function refused(path: string | undefined, why: string, cause?: unknown): Problem {
  return new Problem(`A value of the cache does not survive its codec: ${path || '/'} ${why}.`, {
    code: 'cache.codec',
    kind: 'internal',
    cause,
  });
}
