import { randomFillSync } from 'node:crypto';

import type { Clock } from './clock.ts';

export type NewId = () => string;

const poolBytes = 4_096;
/** A clock that steps back no more than this keeps the last millisecond instead. */
const stepBackMsMax = 60_000;
const counterBits = 12;
const counterMax = (1 << counterBits) - 1;
const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * UUIDv7 (RFC 9562, method 1): 48 bits of milliseconds, a 12-bit counter that starts at random in its lower
 * half, 62 random bits. Strictly rising within a process, so that an index on them grows at its end.
 *
 * @param random fills a buffer with random bytes; tests pass a seeded one.
 */
export function createIds(
  clock: Pick<Clock, 'now'>,
  random: (bytes: Buffer) => void = (bytes) => void randomFillSync(bytes),
): NewId {
  const pool = Buffer.alloc(poolBytes);
  let used = poolBytes;
  let lastMs = 0;
  let counter = 0;

  function take(count: number): number {
    if (used + count > poolBytes) {
      random(pool);
      used = 0;
    }
    used += count;
    return used - count;
  }

  return () => {
    const now = clock.now();
    if (now > lastMs || lastMs - now > stepBackMsMax) {
      lastMs = now;
      counter = pool.readUInt16BE(take(2)) & (counterMax >> 1);
    } else if (counter === counterMax) {
      // Borrowed from the next millisecond: order matters more than the last digit of the time.
      lastMs += 1;
      counter = 0;
    } else {
      counter += 1;
    }
    return format(lastMs, counter, pool, take(8));
  };
}

function format(ms: number, counter: number, pool: Buffer, at: number): string {
  const time = ms.toString(16).padStart(12, '0');
  const middle = (0x7000 | counter).toString(16);
  const b = (index: number) => hexOf[pool[at + index] ?? 0] ?? '';
  const variant = hexOf[((pool[at] ?? 0) & 0x3f) | 0x80] ?? '';
  return `${time.slice(0, 8)}-${time.slice(8)}-${middle}-${variant}${b(1)}-${b(2)}${b(3)}${b(4)}${b(5)}${b(6)}${b(7)}`;
}

const canonical = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;

/** Only the canonical lower-case form is an id. */
export function isId(text: string): boolean {
  return canonical.test(text);
}

/** Milliseconds since the Unix epoch at which a UUIDv7 was made. */
export function idTime(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
