import { randomBytes } from 'node:crypto';

import type { Clock, KeyPurpose, KeyRing, Log, Part } from '@plinth/core';
import type { Database } from '@plinth/postgres';

import { backgroundContext } from './background-context.ts';
import {
  expandKey,
  isSame,
  keyBytes,
  macOf,
  openBytes,
  readMasters,
  sealBytes,
  unwrapKey,
  wrapKey,
  type Masters,
  type RingKey,
} from './key-material.ts';
import { insertKey, listKeys, lockKeys, rewrapKey, type KeyRow } from './key-table.ts';

/** Peppers for password hashes: by the key's id, which stands in the hash. */
export interface Peppers {
  current(): { readonly keyId: string; readonly pepper: Buffer };
  find(keyId: string): Buffer | undefined;
}

/** Starts by loading the keys, or making the first one. */
export interface DatabaseKeyRing extends KeyRing, Part {
  readonly peppers: Peppers;
  /** Reads the keys again, and makes the next one where it is due. */
  reload(): Promise<void>;
}

export interface KeyRingOptions {
  /** Asked for when it is needed: the database's own cursors are sealed by this ring. */
  readonly database: () => Database;
  /** `id:base64[,id:base64]`: the first wraps keys, all unwrap. */
  readonly master: string;
  readonly clock: Clock;
  readonly log: Log;
}

const dayMs = 86_400_000;
const rotateMs = 30 * dayMs;
/** Every process reloads many times before a new key signs. */
const leadMs = 3_600_000;
const verifyMs = 90 * dayMs;
const reloadMs = 300_000;
/** A token of a key that is not known asks for one reload, at most this often. */
const unknownReloadMs = 10_000;
const timeoutMs = 10_000;

/**
 * Signs and seals by keys that all processes share: 32 bytes each, wrapped by the master key in `http.key`,
 * with a subkey for each purpose (HKDF-SHA-256). A new one each 30 days, known an hour before it signs.
 *
 * Once started it goes on with what it has when the database is away.
 *
 * @throws {Problem} `http.bad_master_key`; from `start` `http.wrong_master_key` (exit code 78).
 */
export function createKeyRing(options: KeyRingOptions): DatabaseKeyRing {
  return new KeyRingPart(options);
}

class KeyRingPart implements DatabaseKeyRing {
  readonly name = 'keys';
  readonly needs: readonly string[] = ['database'];
  readonly peppers: Peppers;
  readonly #options: KeyRingOptions;
  readonly #masters: Masters;
  #keys: ReadonlyMap<string, RingKey> = new Map();
  #askedMs = -Infinity;
  #end: (() => void) | undefined;

  constructor(options: KeyRingOptions) {
    this.#options = options;
    this.#masters = readMasters(options.master);
    this.peppers = {
      current: () => {
        const { id, pepper } = this.#signing();
        return { keyId: id, pepper };
      },
      find: (keyId) => this.#keys.get(keyId)?.pepper,
    };
  }

  async start(): Promise<void> {
    await this.reload();
    this.#end = this.#options.clock.every(reloadMs, () => this.#reloadLater(), {
      jitterRatio: 0.1,
    });
  }

  async stop(): Promise<void> {
    this.#end?.();
  }

  async reload(): Promise<void> {
    const { database, clock } = this.#options;
    const [firstMaster = ''] = this.#masters.keys();
    let rows = await listKeys(database(), backgroundContext(timeoutMs));
    if (isDue(rows, clock.now()) || rows.some(({ masterId }) => masterId !== firstMaster)) {
      rows = await this.#maintain(firstMaster);
    }
    const expanded = rows.map((row): [string, RingKey] => [
      row.id,
      this.#keys.get(row.id) ??
        expandKey(unwrapKey(this.#masters, row.id, row), {
          ...row,
          verifyUntilMs: row.verifyUntilMs ?? Infinity,
        }),
    ]);
    this.#keys = new Map(expanded);
  }

  sign(purpose: KeyPurpose, data: Buffer): string {
    const key = this.#signing();
    const payload = `v1.${key.id}.${data.toString('base64url')}`;
    return `${payload}.${macOf(key.subkeys[purpose], payload)}`;
  }

  verify(purpose: KeyPurpose, token: string): Buffer | undefined {
    const parts = token.split('.');
    const [version, id = '', payload = '', mac = ''] = parts;
    if (parts.length !== 4 || version !== 'v1') return undefined;
    const key = this.#find(id, purpose);
    if (key === undefined) return undefined;
    const right = macOf(key.subkeys[purpose], `v1.${id}.${payload}`);
    return isSame(mac, right) ? Buffer.from(payload, 'base64url') : undefined;
  }

  seal(purpose: KeyPurpose, data: Buffer, aad: string): string {
    const key = this.#signing();
    const sealed = sealBytes(key.subkeys[purpose], data, `${purpose}:${aad}`);
    return `v1.${key.id}.${sealed.toString('base64url')}`;
  }

  open(purpose: KeyPurpose, token: string, aad: string): Buffer | undefined {
    const parts = token.split('.');
    const [version, id = '', sealed = ''] = parts;
    if (parts.length !== 3 || version !== 'v1') return undefined;
    const key = this.#find(id, purpose);
    if (key === undefined) return undefined;
    const bytes = Buffer.from(sealed, 'base64url');
    return openBytes(key.subkeys[purpose], bytes, `${purpose}:${aad}`);
  }

  /** Alone among all processes: wraps again what the last master wrapped, and makes the next key where it is due. */
  #maintain(firstMaster: string): Promise<KeyRow[]> {
    const { database, clock } = this.#options;
    const masters = this.#masters;
    return database().write(backgroundContext(timeoutMs), async (tx) => {
      const locked = await lockKeys(tx);
      await rewrapAll(locked, { masters, firstMaster }, (key) => rewrapKey(tx, key));
      if (isDue(locked, clock.now())) {
        // Unwraps all before it adds one: a wrong master adds nothing.
        for (const row of locked) unwrapKey(masters, row.id, row);
        await insertKey(tx, newKey(masters, locked.length === 0, clock.now()));
      }
      return lockKeys(tx);
    });
  }

  #signing(): RingKey {
    const now = this.#options.clock.now();
    let newest: RingKey | undefined;
    // In the order in which they begin to sign; right after a start on a skewed clock the first one has to do.
    for (const key of this.#keys.values()) {
      if (newest === undefined || key.signFromMs <= now) newest = key;
    }
    if (newest === undefined) throw new TypeError('The key ring was not started.');
    return newest;
  }

  #find(id: string, purpose: KeyPurpose): RingKey | undefined {
    const { clock } = this.#options;
    const key = this.#keys.get(id);
    if (key === undefined && clock.mono() - this.#askedMs > unknownReloadMs) {
      this.#askedMs = clock.mono();
      void this.#reloadLater();
    }
    // Data at rest is opened for ever.
    const isValid = key !== undefined && (purpose === 'data' || clock.now() < key.verifyUntilMs);
    return isValid ? key : undefined;
  }

  #reloadLater(): Promise<void> {
    const { log } = this.#options;
    return this.reload().catch((error: unknown) => log.error('http.keys_not_reloaded', error));
  }
}

function isDue(rows: readonly KeyRow[], nowMs: number): boolean {
  const newest = rows.at(-1);
  return newest === undefined || newest.createdMs + rotateMs <= nowMs;
}

function newKey(masters: Masters, isFirst: boolean, nowMs: number) {
  const id = `${nowMs.toString(36).slice(-6).padStart(6, '0')}${randomBytes(1).toString('hex')}`;
  const signFromMs = isFirst ? nowMs : nowMs + leadMs;
  const signUntilMs = signFromMs + rotateMs;
  return {
    id,
    createdMs: nowMs,
    signFromMs,
    signUntilMs,
    verifyUntilMs: signUntilMs + verifyMs,
    ...wrapKey(masters, id, randomBytes(keyBytes)),
  };
}

/** After a change of the master: the old one can be taken away once this has run. */
async function rewrapAll(
  rows: readonly KeyRow[],
  { masters, firstMaster }: { masters: Masters; firstMaster: string },
  write: (key: Pick<KeyRow, 'id' | 'masterId' | 'nonce' | 'wrapped'>) => Promise<void>,
): Promise<void> {
  for (const row of rows) {
    if (row.masterId === firstMaster) continue;
    const key = unwrapKey(masters, row.id, row);
    await write({ id: row.id, ...wrapKey(masters, row.id, key) });
  }
}
