import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress, constants } from 'node:zlib';

import type { EntryOptions } from './cache.ts';
import type { Frame } from './frame.ts';
import {
  etagOf,
  jsonCodec,
  prepare,
  rememberEtag,
  structuredCodec,
  type Prepared,
} from './values.ts';

const packedFromBytes = 16_384;
const packedSaves = 0.8;
const valueBytesMax = 1_048_576;
const pack = promisify(zstdCompress);
const unpack = promisify(zstdDecompress);
const codecIds = { bytes: 0, json: 1, structured: 2 } as const;

/** A value as the second level keeps it. */
export interface Payload {
  readonly codec: number;
  readonly isNull: boolean;
  readonly isPacked: boolean;
  readonly etag: string;
  readonly payload: Uint8Array;
}

/** @returns undefined for what is no value of the second level: shared instances, and what is over 1 MiB. */
export async function encodePayload(
  { kept, codec }: Prepared,
  options: EntryOptions,
): Promise<Payload | undefined> {
  if (options.values === 'shared') return undefined;
  const id = codecIdOf(options);
  const etag = etagOf(kept, codec);
  if (kept === null) {
    return { codec: id, isNull: true, isPacked: false, etag, payload: new Uint8Array() };
  }
  const raw = kept instanceof Uint8Array ? kept : jsonCodec.encode(kept);
  const packed = raw.byteLength >= packedFromBytes ? await packedOf(raw) : undefined;
  const payload = packed ?? raw;
  if (payload.byteLength > valueBytesMax) return undefined;
  return { codec: id, isNull: false, isPacked: packed !== undefined, etag, payload };
}

/** @returns undefined for one of another codec, or one that cannot be read. */
export function decodePayload(
  frame: Frame,
  options: EntryOptions,
): Prepared | undefined | Promise<Prepared | undefined> {
  if (frame.codec !== codecIdOf(options)) return undefined;
  if (!frame.isPacked) return preparedOf(frame, frame.payload, options);
  return unpack(frame.payload, { maxOutputLength: valueBytesMax * 64 }).then(
    (raw) => preparedOf(frame, raw, options),
    () => undefined,
  );
}

function preparedOf(frame: Frame, raw: Uint8Array, options: EntryOptions): Prepared | undefined {
  try {
    const prepared = prepare(frame.isNull ? null : valueOf(raw, options), options);
    // That of JSON is made again where it is asked for, equal: to remember each costs more than all else here.
    if (codecIdOf(options) !== codecIds.json) rememberEtag(prepared.kept, frame.etag);
    return prepared;
  } catch {
    // Bytes of a newer V8, or no JSON: a miss.
    return undefined;
  }
}

function valueOf(raw: Uint8Array, { codec = 'json' }: EntryOptions): unknown {
  if (codec === 'bytes') return Buffer.from(raw);
  if (codec === 'json') return jsonCodec.decode(raw);
  return codec === 'structured' ? structuredCodec.decode(raw) : codec.decode(raw);
}

function codecIdOf({ codec = 'json' }: EntryOptions): number {
  return typeof codec === 'string' ? codecIds[codec] : codec.id;
}

async function packedOf(raw: Uint8Array): Promise<Uint8Array | undefined> {
  const params = { [constants.ZSTD_c_compressionLevel]: 1 };
  const packed = await pack(raw, { params });
  return packed.byteLength <= raw.byteLength * packedSaves ? packed : undefined;
}
