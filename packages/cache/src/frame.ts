import { crc32 } from 'node:zlib';

import type { DataPosition } from './position.ts';

/** What a value in the second level says of itself. */
export interface Frame {
  readonly codec: number;
  readonly isNull: boolean;
  readonly isPacked: boolean;
  readonly epoch: number;
  readonly seq: number;
  /** Ms of the store's clock. */
  readonly writtenAt: number;
  readonly ttlMs: number;
  readonly failSafeMs: number;
  readonly factoryUs: number;
  /** 24 hex digits. */
  readonly etag: string;
  readonly tags: readonly string[];
  readonly data: DataPosition | undefined;
  readonly payload: Uint8Array;
}

const magic = 0xc1_50;
const headBytes = 61;
const flagNull = 1;
const flagPacked = 2;
const flagData = 4;
const crcAt = 56;
const uint32Max = 2 ** 32 - 1;
const etagBytes = 12;

/** Little endian: a head of 61 bytes, tags, the data position where there is one, then the payload. */
export function encodeFrame(frame: Frame): Buffer {
  const tags = frame.tags.map((tag) => Buffer.from(tag));
  const source = frame.data === undefined ? undefined : Buffer.from(frame.data.source);
  const dataBytes = source === undefined ? 0 : 2 + source.length + 16;
  const tagBytes = tags.reduce((sum, tag) => sum + 2 + tag.length, 0);
  const bytes = Buffer.allocUnsafe(headBytes + tagBytes + dataBytes + frame.payload.byteLength);
  bytes.writeUInt16LE(magic, 0);
  bytes[2] = frame.codec;
  bytes[3] =
    (frame.isNull ? flagNull : 0) | (frame.isPacked ? flagPacked : 0) | (source ? flagData : 0);
  writeWhole(bytes, frame.epoch, 4);
  writeWhole(bytes, frame.seq, 12);
  bytes.writeDoubleLE(frame.writtenAt, 20);
  bytes.writeUInt32LE(toUint32(frame.ttlMs), 28);
  bytes.writeUInt32LE(toUint32(frame.failSafeMs), 32);
  bytes.writeUInt32LE(toUint32(frame.factoryUs), 36);
  bytes.write(frame.etag.padEnd(etagBytes * 2, '0'), 40, etagBytes, 'hex');
  bytes.writeUInt32LE(frame.payload.byteLength, 52);
  bytes[60] = tags.length;
  let at = headBytes;
  for (const tag of tags) {
    bytes.writeUInt16LE(tag.length, at);
    tag.copy(bytes, at + 2);
    at += 2 + tag.length;
  }
  if (source !== undefined && frame.data !== undefined) {
    bytes.writeUInt16LE(source.length, at);
    source.copy(bytes, at + 2);
    writeWhole(bytes, frame.data.timeline, at + 2 + source.length);
    writeWhole(bytes, frame.data.at, at + 10 + source.length);
    at += dataBytes;
  }
  bytes.set(frame.payload, at);
  bytes.writeUInt32LE(checksum(bytes), crcAt);
  return bytes;
}

/** @returns undefined for anything but a whole frame of this form. */
export function decodeFrame(value: Uint8Array): Frame | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const flags = flagsOf(bytes);
  if (flags === undefined) return undefined;
  const cursor = { at: headBytes };
  const tags = readTags(bytes, cursor);
  const hasData = (flags & flagData) !== 0;
  const data = hasData ? readData(bytes, cursor) : undefined;
  const { at } = cursor;
  const isWhole = tags !== undefined && (data !== undefined) === hasData;
  if (!isWhole || bytes.length !== at + bytes.readUInt32LE(52)) return undefined;
  return {
    codec: bytes[2] ?? 0,
    isNull: (flags & flagNull) !== 0,
    isPacked: (flags & flagPacked) !== 0,
    epoch: readWhole(bytes, 4),
    seq: readWhole(bytes, 12),
    writtenAt: bytes.readDoubleLE(20),
    ttlMs: bytes.readUInt32LE(28),
    failSafeMs: bytes.readUInt32LE(32),
    factoryUs: bytes.readUInt32LE(36),
    get etag() {
      return bytes.toString('hex', 40, 40 + etagBytes);
    },
    tags,
    data,
    payload: bytes.subarray(at),
  };
}

/** @returns undefined for what is no frame, is not whole, or has flags of another version. */
function flagsOf(bytes: Buffer): number | undefined {
  if (bytes.length < headBytes || bytes.readUInt16LE(0) !== magic) return undefined;
  if (bytes.readUInt32LE(crcAt) !== checksum(bytes)) return undefined;
  const flags = bytes[3] ?? 0;
  return (flags & ~(flagNull | flagPacked | flagData)) === 0 ? flags : undefined;
}

function readTags(bytes: Buffer, cursor: { at: number }): string[] | undefined {
  const tags: string[] = [];
  for (let i = 0; i < (bytes[60] ?? 0); i += 1) {
    const tag = readText(bytes, cursor);
    if (tag === undefined) return undefined;
    tags.push(tag);
  }
  return tags;
}

/** Of all but itself. */
function checksum(bytes: Buffer): number {
  return crc32(bytes.subarray(crcAt + 4), crc32(bytes.subarray(0, crcAt)));
}

function readText(bytes: Buffer, cursor: { at: number }): string | undefined {
  if (cursor.at + 2 > bytes.length) return undefined;
  const end = cursor.at + 2 + bytes.readUInt16LE(cursor.at);
  if (end > bytes.length) return undefined;
  const text = bytes.toString('utf8', cursor.at + 2, end);
  cursor.at = end;
  return text;
}

function readData(bytes: Buffer, cursor: { at: number }): DataPosition | undefined {
  const source = readText(bytes, cursor);
  if (source === undefined || cursor.at + 16 > bytes.length) return undefined;
  const timeline = readWhole(bytes, cursor.at);
  const at = readWhole(bytes, cursor.at + 8);
  cursor.at += 16;
  return { source, timeline, at };
}

/** 64 bits of a number below 2^53, without a BigInt. */
function writeWhole(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32LE(value % 2 ** 32, at);
  bytes.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
}

function readWhole(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

function toUint32(value: number): number {
  return Math.min(uint32Max, Math.max(0, Math.round(value)));
}
