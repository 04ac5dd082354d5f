import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { crc32 } from 'node:zlib';

/** What identity keeps of an API key. */
export interface ApiKey {
  /** The 12 characters that name it. */
  readonly id: string;
  /** SHA-256 of the secret, hex. */
  readonly secretHash: string;
  readonly tenant: string;
  readonly permissions: ReadonlySet<string>;
  /** Milliseconds since the Unix epoch. */
  readonly expiresMs: number;
  /** Networks that it may come from; none: any. */
  readonly networks?: readonly string[];
}

const idCharacters = 12;
const form = /^plk_([0-9A-Za-z]{12})_([A-Za-z0-9_-]{43})_([0-9a-z]{6})$/u;
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `plk_<12 id>_<43 secret>_<6 crc>`, shown once; identity keeps `id` and `secretHash`. */
export function createApiKey(): { key: string; id: string; secretHash: string } {
  const id = [...randomBytes(idCharacters)].map((byte) => alphabet[byte % 62]).join('');
  const secret = randomBytes(32).toString('base64url');
  const body = `plk_${id}_${secret}`;
  return { key: `${body}_${checksum(body)}`, id, secretHash: hash('sha256', secret, 'hex') };
}

/** Undefined for what we never gave out: a typing error costs no look-up. */
export function parseApiKey(key: string): { id: string; secretHash: string } | undefined {
  const [, id = '', secret = '', crc] = form.exec(key) ?? [];
  if (crc === undefined || crc !== checksum(key.slice(0, -7))) return undefined;
  return { id, secretHash: hash('sha256', secret, 'hex') };
}

export function isRightKey(
  given: { readonly secretHash: string },
  kept: ApiKey,
  from: { readonly nowMs: number; readonly ip: string },
): boolean {
  const isSame = timingSafeEqual(
    Buffer.from(given.secretHash, 'hex'),
    Buffer.from(kept.secretHash, 'hex'),
  );
  return isSame && from.nowMs < kept.expiresMs && isWithin(kept.networks ?? [], from.ip);
}

function isWithin(networks: readonly string[], ip: string): boolean {
  if (networks.length === 0) return true;
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return list.check(ip, isIP(ip) === 4 ? 'ipv4' : 'ipv6');
}

function checksum(text: string): string {
  return (crc32(text) % 36 ** 6).toString(36).padStart(6, '0');
}
