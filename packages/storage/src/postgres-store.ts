import { Readable } from 'node:stream';

import { primarySession, type Clock, type NewId } from '@plinth/core';
import { isId, Problem } from '@plinth/core';
import type { Context, Database, Transaction } from '@plinth/postgres';

import { checkOwner, tenantOfKey, tenantOfPrefix } from './blob-key.ts';
import { abortedProblem, fullProblem, measure, notFound, resolveRange } from './blob-body.ts';
import type {
  BlobEntry,
  BlobStore,
  Body,
  ByteRange,
  OpenBlob,
  PutOptions,
  StoredBlob,
} from './blob-store.ts';
import * as table from './blob-table.ts';

export interface PostgresStoreNeeds {
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: NewId;
}

interface Part {
  readonly first: number;
  readonly last: number;
}

const chunkBytes = 1_048_576;
const listMax = 1_000;
const uploadIdle = '1 hour';
/** A blob is seen by every process as soon as its put has answered. */
const strong = { consistency: 'strong' } as const;
const lastCodePoint = String.fromCodePoint(0x10_ff_ff);

/** Blobs as rows, in chunks of 1 MiB: what several machines share before there is an object store. */
export function createPostgresStore(needs: PostgresStoreNeeds): BlobStore {
  return new PostgresStore(needs);
}

class PostgresStore implements BlobStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #newId: NewId;

  constructor({ database, clock, newId }: PostgresStoreNeeds) {
    this.#database = database;
    this.#clock = clock;
    this.#newId = newId;
  }

  /** Each chunk commits by itself: no transaction waits for a slow body. The last one makes the blob appear. */
  async put(key: string, body: Body, options: PutOptions): Promise<StoredBlob> {
    checkOwner(key, options.tenant);
    const { tenant, signal } = options;
    const context = contextOf(tenant, signal);
    const content = this.#newId();
    const measured = measure(options);
    let number = 0;
    try {
      await this.#database.run(context, table.insertUpload, { content, tenant });
      for await (const data of inChunks(measured.pass(body))) {
        await this.#database.run(context, table.insertChunk, { content, tenant, number, data });
        number += 1;
      }
      const stored = measured.result();
      await this.#database.write(context, (tx) =>
        publish(tx, key, content, { ...options, ...stored }),
      );
      return stored;
    } catch (error) {
      await this.#discard(tenant, content);
      throw problemOf(error, signal);
    }
  }

  async open(key: string, range?: ByteRange): Promise<OpenBlob> {
    const context = contextOf(tenantOfKey(key));
    const find = { key, now: this.#now() };
    const blob = await this.#database.read(
      context,
      (reader) => reader.maybe(table.findBlob, find),
      strong,
    );
    if (blob === undefined) throw notFound();
    const { bytes, content, type } = blob;
    const part = resolveRange(bytes, range);
    const body = Readable.from(part === undefined ? [] : this.#read(context, content, part));
    return { bytes, sha256: hex(blob.sha256), type, body };
  }

  async remove(key: string): Promise<void> {
    await this.#database.write(contextOf(tenantOfKey(key)), async (tx) => {
      const removed = await tx.maybe(table.deleteBlob, { key });
      if (removed !== undefined) await tx.run(table.deleteChunks, removed);
    });
  }

  async list(prefix: string, after = ''): Promise<BlobEntry[]> {
    const end = prefix + lastCodePoint;
    const params = { prefix, end, after, now: this.#now(), rowsMax: listMax };
    const context = contextOf(tenantOfPrefix(prefix));
    const rows = await this.#database.many(context, table.listBlobs, params);
    return rows.map(({ key, bytes, sha256, type, expiresAt }) => ({
      key,
      bytes,
      type,
      sha256: hex(sha256),
      expiresAt: expiresAt === null ? null : expiresAt.getTime(),
    }));
  }

  async sweep(): Promise<number> {
    let count = 0;
    for (;;) {
      const swept = await sweepSome(this.#database, this.#now());
      if (swept === 0) return count;
      count += swept;
    }
  }

  async *#read(context: Context, content: string, part: Part): AsyncGenerator<Uint8Array> {
    for (let at = part.first; at <= part.last;) {
      const number = Math.floor(at / chunkBytes);
      const start = number * chunkBytes;
      const find = { content, number };
      const chunk = await this.#database.read(
        context,
        (reader) => reader.maybe(table.findChunk, find),
        strong,
      );
      // Replaced or removed since it was opened.
      if (chunk === undefined) throw notFound();
      yield chunk.data.subarray(at - start, part.last - start + 1);
      at = start + chunkBytes;
    }
  }

  /** What cannot be removed now, because the database is away, the sweep removes later. */
  async #discard(tenant: string, content: string): Promise<void> {
    const work = this.#database.write(contextOf(tenant), async (tx) => {
      await tx.run(table.deleteChunks, { content });
      await tx.run(table.deleteUpload, { content });
    });
    await Promise.allSettled([work]);
  }

  #now(): Date {
    return new Date(this.#clock.now());
  }
}

async function publish(
  tx: Transaction,
  key: string,
  content: string,
  { tenant, type, bytes, sha256, expiresAt }: PutOptions & StoredBlob,
): Promise<void> {
  const blob = {
    key,
    tenant,
    content,
    type,
    bytes,
    sha256: Buffer.from(sha256, 'hex'),
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
  };
  while ((await tx.run(table.insertBlob, blob)) === 0) {
    const old = await tx.maybe(table.lockContent, { key });
    // Removed since the insert found it.
    if (old === undefined) continue;
    await tx.run(table.updateBlob, blob);
    await tx.run(table.deleteChunks, old);
    break;
  }
  await tx.run(table.deleteUpload, { content });
}

async function sweepSome(database: Database, now: Date): Promise<number> {
  return database.write(contextOf('_'), async (tx) => {
    await tx.run(table.asWorker, {});
    const expired = await tx.many(table.takeExpired, { now });
    const idle = await tx.many(table.takeIdleUploads, { idle: uploadIdle });
    const contents = [...expired, ...idle].map(({ content }) => content);
    if (contents.length > 0) await tx.run(table.deleteChunksOf, { contents });
    return contents.length;
  });
}

/** Regroups what comes into chunks of 1 MiB, the last one shorter. */
async function* inChunks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    let rest = part;
    while (bytes + rest.byteLength >= chunkBytes) {
      const cut = chunkBytes - bytes;
      yield Buffer.concat([...parts, rest.subarray(0, cut)]);
      rest = rest.subarray(cut);
      parts = [];
      bytes = 0;
    }
    parts.push(rest);
    bytes += rest.byteLength;
  }
  if (bytes > 0) yield Buffer.concat(parts);
}

/** The store acts for itself: reads that must see a put of another process say so. */
function contextOf(tenant: string, signal = new AbortController().signal): Context {
  return { tenant: isId(tenant) ? tenant : 'none', position: primarySession(), signal };
}

function problemOf(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return abortedProblem(error);
  const isFull = error instanceof Problem && sqlStateOf(error.cause) === diskFull;
  return isFull ? fullProblem(error) : error;
}

const diskFull = '53100';

function sqlStateOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
