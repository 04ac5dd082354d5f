import {
  createCipheriv,
  createDecipheriv,
  hash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

import { Problem, type KeyPurpose } from '@plinth/core';

/** One key of the ring, unwrapped, with its subkey for each purpose. */
export interface RingKey {
  readonly id: string;
  readonly signFromMs: number;
  readonly verifyUntilMs: number;
  readonly subkeys: Readonly<Record<KeyPurpose, Subkey>>;
  /** For password hashes: never changes, never leaves the process. */
  readonly pepper: Buffer;
}
interface Subkey {
  readonly secret: Buffer;
  /** The key's half of both hashes of HMAC (RFC 2104). */
  readonly inner: Buffer;
  readonly outer: Buffer;
}
interface Wrapped {
  readonly masterId: string;
  readonly nonce: Buffer;
  readonly wrapped: Buffer;
}
export type Masters = ReadonlyMap<string, Buffer>;

export const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const blockBytes = 64;
const purposes: readonly KeyPurpose[] = ['cookie', 'cursor', 'token', 'rpc', 'data'];

/**
 * @param text `id:base64[,id:base64]`: the first wraps new keys, all unwrap.
 * @throws {Problem} `http.bad_master_key`, which never shows any of it.
 */
export function readMasters(text: string): Masters {
  const masters = new Map<string, Buffer>();
  for (const part of text.split(',')) {
    const at = part.indexOf(':');
    const key = Buffer.from(part.slice(at + 1), 'base64');
    if (at < 1 || key.length !== keyBytes) {
      throw new Problem('PLINTH_MASTER_KEY is id:base64 of 32 bytes, several by comma.', {
        code: 'http.bad_master_key',
        kind: 'internal',
      });
    }
    masters.set(part.slice(0, at), key);
  }
  return masters;
}

export function wrapKey(masters: Masters, id: string, key: Buffer): Wrapped {
  const [first] = masters;
  if (first === undefined) throw wrongMaster(id);
  const [masterId, master] = first;
  const nonce = randomBytes(nonceBytes);
  return { masterId, nonce, wrapped: encrypt(master, nonce, key, `wrap:${id}`) };
}

/** @throws {Problem} `http.wrong_master_key`: new keys would be made silently, and all sessions lost. */
export function unwrapKey(
  masters: Masters,
  id: string,
  { masterId, nonce, wrapped }: Wrapped,
): Buffer {
  const master = masters.get(masterId);
  const key = master === undefined ? undefined : decrypt(master, nonce, wrapped, `wrap:${id}`);
  if (key === undefined) throw wrongMaster(id);
  return key;
}

function wrongMaster(id: string): Problem {
  return new Problem(`PLINTH_MASTER_KEY does not open the key ${id} of this database.`, {
    code: 'http.wrong_master_key',
    kind: 'internal',
  });
}

export function expandKey(
  key: Buffer,
  { id, signFromMs, verifyUntilMs }: Pick<RingKey, 'id' | 'signFromMs' | 'verifyUntilMs'>,
): RingKey {
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', key, id, `plinth/${purpose}`, keyBytes));
  const subkeys = Object.fromEntries(
    purposes.map((purpose) => [purpose, toSubkey(derive(purpose))]),
  );
  return {
    id,
    signFromMs,
    verifyUntilMs,
    pepper: derive('data/pepper'),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one for each purpose of the list
    subkeys: subkeys as Record<KeyPurpose, Subkey>,
  };
}

function toSubkey(secret: Buffer): Subkey {
  const inner = Buffer.alloc(blockBytes, 0x36);
  const outer = Buffer.alloc(blockBytes, 0x5c);
  for (const [index, byte] of secret.entries()) {
    inner[index] = 0x36 ^ byte;
    outer[index] = 0x5c ^ byte;
  }
  return { secret, inner, outer };
}

/** HMAC-SHA-256 (RFC 2104) by two one-shot hashes: `createHmac` sets up a context a call. */
export function macOf({ inner, outer }: Subkey, message: string): string {
  const first = hash('sha256', Buffer.concat([inner, Buffer.from(message, 'latin1')]), 'buffer');
  return hash('sha256', Buffer.concat([outer, first]), 'base64url');
}

export function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** nonce, ciphertext, tag */
export function sealBytes({ secret }: Subkey, data: Buffer, aad: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  return Buffer.concat([nonce, encrypt(secret, nonce, data, aad)]);
}

export function openBytes({ secret }: Subkey, sealed: Buffer, aad: string): Buffer | undefined {
  if (sealed.length < nonceBytes + tagBytes) return undefined;
  return decrypt(secret, sealed.subarray(0, nonceBytes), sealed.subarray(nonceBytes), aad);
}

function encrypt(key: Buffer, nonce: Buffer, data: Buffer, aad: string): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(aad));
  return Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, nonce: Buffer, sealed: Buffer, aad: string): Buffer | undefined {
  const end = sealed.length - tagBytes;
  if (end < 0) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
    .setAAD(Buffer.from(aad))
    .setAuthTag(sealed.subarray(end));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  } catch {
    return undefined;
  }
}
