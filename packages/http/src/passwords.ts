import { argon2, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

import { Problem } from '@plinth/core';

import type { Peppers } from './key-ring.ts';

/** How a stored hash stood up to a password. */
export type PasswordCheck = 'wrong' | 'right' | 'rightButWeak';

export interface Passwords {
  /**
   * @returns a PHC string: `$argon2id$v=19$m=19456,t=2,p=1,keyid=…$salt$hash`.
   * @throws {Problem} `auth.bad_password` outside 8–256 characters, `auth.busy` with 32 waiting.
   */
  hash(password: string): Promise<string>;
  /**
   * @param stored undefined for an unknown user: costs the same, and is wrong.
   * @returns `rightButWeak`: right, to be hashed again.
   */
  check(password: string, stored: string | undefined): Promise<PasswordCheck>;
}

export interface PasswordOptions {
  readonly peppers: Peppers;
  /** KiB, default 19,456 (OWASP's first choice with two passes). Tests take less. */
  readonly memoryKiB?: number;
  readonly passes?: number;
}

const charactersMin = 8;
const charactersMax = 256;
const nonceBytes = 16;
const tagBytes = 32;
const concurrentMax = 4;
const waitingMax = 32;
const phc =
  /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)(?:,keyid=([0-9a-z]+))?\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/u;
const scryptForm =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/u;
const runArgon2 = promisify(argon2);

/**
 * Hashes passwords by argon2id (RFC 9106) with a pepper from the key ring, at most four at once: each holds
 * 19 MiB while it runs.
 */
export function createPasswords(options: PasswordOptions): Passwords {
  const { peppers, memoryKiB = 19_456, passes = 2 } = options;
  const enter = createGate(Math.min(concurrentMax, Math.max(2, availableParallelism())));
  const decoyNonce = randomBytes(nonceBytes);

  const derive = (password: string, cost: Cost, from: { nonce: Buffer; pepper: Buffer }) =>
    runArgon2('argon2id', {
      message: password.normalize('NFC'),
      nonce: from.nonce,
      parallelism: cost.p,
      tagLength: tagBytes,
      memory: cost.m,
      passes: cost.t,
      secret: from.pepper,
    });
  const ownCost: Cost = { m: memoryKiB, t: passes, p: 1 };

  return {
    async hash(password) {
      checkLength(password);
      const { keyId, pepper } = peppers.current();
      const nonce = randomBytes(nonceBytes);
      const tag = await enter(() => derive(password, ownCost, { nonce, pepper }));
      return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=1,keyid=${keyId}$${base64(nonce)}$${base64(tag)}`;
    },
    async check(password, stored) {
      const cut = password.slice(0, charactersMax + 1);
      return enter(async () => {
        const parsed = parseHash(stored ?? '');
        if (parsed?.type === 'scrypt') return checkScrypt(cut, parsed);
        const pepper = parsed === undefined ? undefined : findPepper(peppers, parsed.keyId);
        if (parsed === undefined || pepper === undefined) {
          await derive(cut, ownCost, { nonce: decoyNonce, pepper: peppers.current().pepper });
          return 'wrong';
        }
        const tag = await derive(cut, parsed.cost, { nonce: parsed.nonce, pepper });
        if (!timingSafeEqual(tag, parsed.tag) || cut.length > charactersMax) return 'wrong';
        const isWeak =
          parsed.cost.m < memoryKiB || parsed.cost.t < passes || parsed.keyId === undefined;
        return isWeak ? 'rightButWeak' : 'right';
      });
    },
  };
}

interface Cost {
  readonly m: number;
  readonly t: number;
  readonly p: number;
}
type Parsed =
  | {
      readonly type: 'argon2id';
      readonly cost: Cost;
      readonly keyId: string | undefined;
      readonly nonce: Buffer;
      readonly tag: Buffer;
    }
  | {
      readonly type: 'scrypt';
      readonly cost: { readonly N: number; readonly r: number; readonly p: number };
      readonly nonce: Buffer;
      readonly tag: Buffer;
    };

function checkLength(password: string): void {
  const characters = password.normalize('NFC').length;
  if (characters >= charactersMin && characters <= charactersMax) return;
  throw new Problem(`A password has ${charactersMin} to ${charactersMax} characters.`, {
    code: 'auth.bad_password',
    kind: 'invalid',
  });
}

function parseHash(stored: string): Parsed | undefined {
  const [, m, t, p, keyId, nonce = '', tag = ''] = phc.exec(stored) ?? [];
  if (m !== undefined) {
    const cost = { m: Number(m), t: Number(t), p: Number(p) };
    const bytes = Buffer.from(tag, 'base64');
    if (bytes.length !== tagBytes) return undefined;
    return { type: 'argon2id', cost, keyId, nonce: Buffer.from(nonce, 'base64'), tag: bytes };
  }
  const [, ln, r, parallel, salt = '', key = ''] = scryptForm.exec(stored) ?? [];
  if (ln === undefined) return undefined;
  const cost = { N: 2 ** Number(ln), r: Number(r), p: Number(parallel) };
  return {
    type: 'scrypt',
    cost,
    nonce: Buffer.from(salt, 'base64'),
    tag: Buffer.from(key, 'base64'),
  };
}

/** A hash from elsewhere has no pepper. */
function findPepper(peppers: Peppers, keyId: string | undefined): Buffer | undefined {
  return keyId === undefined ? Buffer.alloc(0) : peppers.find(keyId);
}

/** From the system that the tenant came from: verified once, then replaced. */
async function checkScrypt(
  password: string,
  { cost, nonce, tag }: Extract<Parsed, { type: 'scrypt' }>,
): Promise<PasswordCheck> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(password, nonce, tag.length, { ...cost, maxmem: 128 * 1_048_576 }, (error, key) =>
    error === null ? resolve(key) : reject(error),
  );
  return timingSafeEqual(await promise, tag) ? 'rightButWeak' : 'wrong';
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

type Enter = <result>(work: () => Promise<result>) => Promise<result>;

/** So many at once, 32 more in line; whoever comes later is told so. */
function createGate(atOnceMax: number): Enter {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atOnceMax) {
      if (waiting.length >= waitingMax) {
        throw new Problem('Too many sign-ins at once.', {
          code: 'auth.busy',
          kind: 'unavailable',
          retryAfterMs: 1_000,
        });
      }
      await new Promise<void>((resolve) => void waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
