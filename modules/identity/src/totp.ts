import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const stepMs = 30_000;
const digits = 6;
/** Clocks of telephones are off: the step before and the one after count too. */
const stepsOff = 1;
const secretBytes = 20;
const recoveryCodeCount = 10;
const recoveryBytes = 5;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export type Random = (bytesCount: number) => Buffer;

export function newTotpSecret(random: Random): Buffer {
  return random(secretBytes);
}

/** RFC 6238 with SHA-1, 30 seconds and six digits: what every authenticator knows. */
export function totpCode(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7f_ff_ff_ff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

export function totpStep(nowMs: number): number {
  return Math.floor(nowMs / stepMs);
}

/**
 * The step of a code that is right now and was not used before.
 *
 * @param usedStep the last step that was accepted: RFC 6238 §5.2, a code works once.
 */
export function matchTotp(
  secret: Buffer,
  code: string,
  nowMs: number,
  usedStep: number,
): number | undefined {
  const now = totpStep(nowMs);
  for (let step = now - stepsOff; step <= now + stepsOff; step += 1) {
    if (step > usedStep && isEqual(totpCode(secret, step), code)) return step;
  }
  return undefined;
}

/** What an authenticator reads from a QR code. */
export function totpUri(secret: Buffer, issuer: string, email: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(email)}`;
  return `otpauth://totp/${label}?secret=${toBase32(secret)}&issuer=${encodeURIComponent(issuer)}`;
}

/** RFC 4648, without padding. */
export function toBase32(bytes: Buffer): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      text += alphabet[(value >>> (bits - 5)) & 31] ?? '';
      bits -= 5;
    }
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + (alphabet[(value << (5 - bits)) & 31] ?? '');
}

/** Ten codes of 40 random bits, each good for one sign-in without the authenticator: `ABCD-EFGH`. */
export function newRecoveryCodes(random: Random): string[] {
  return Array.from({ length: recoveryCodeCount }, () => {
    const text = toBase32(random(recoveryBytes));
    return `${text.slice(0, 4)}-${text.slice(4)}`;
  });
}

export function recoveryHash(code: string): Buffer {
  const plain = code.toUpperCase().replaceAll(/[^A-Z2-7]/gu, '');
  return createHash('sha256').update(plain).digest();
}

function isEqual(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
