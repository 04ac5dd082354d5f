import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Clock, NewId } from '@plinth/core';

import { checkOwner, tenantOfKey, tenantOfPrefix } from './blob-key.ts';
import { fullProblem, measure, notFound, resolveRange } from './blob-body.ts';
import type {
  BlobEntry,
  BlobStore,
  Body,
  ByteRange,
  OpenBlob,
  PutOptions,
  StoredBlob,
} from './blob-store.ts';
import { formatHead, headBytes, readHead, type FileHead } from './file-head.ts';

export interface FileStoreNeeds {
  /** `BLOB_DIR`: made when it is absent. One machine's processes may share it. */
  readonly folder: string;
  readonly clock: Clock;
  readonly newId: NewId;
}

const uploadsFolder = '.uploads';
const listMax = 1_000;
/** An upload that was not written to for so long has no process any more. */
const uploadIdleMsMax = 3_600_000;
/** Ends the name of a blob's file, so that `a/b` and `a/b/c` can both be keys. */
const fileMark = '~';
const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Blobs as files. A file is written apart, synced and renamed: whole or not at all, also after a crash. */
export function createFileStore(needs: FileStoreNeeds): BlobStore {
  return new FileStore(needs);
}

class FileStore implements BlobStore {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #newId: NewId;

  constructor({ folder, clock, newId }: FileStoreNeeds) {
    this.#folder = folder;
    this.#clock = clock;
    this.#newId = newId;
  }

  async put(key: string, body: Body, options: PutOptions): Promise<StoredBlob> {
    checkOwner(key, options.tenant);
    const path = this.#pathOf(key);
    const upload = join(this.#folder, uploadsFolder, this.#newId());
    try {
      await mkdir(dirname(upload), { recursive: true });
      const stored = await writeUpload(upload, body, options);
      await mkdir(dirname(path), { recursive: true });
      await rename(upload, path);
      await syncFolder(dirname(path));
      return stored;
    } catch (error) {
      await rm(upload, { force: true });
      throw fullCodes.has(codeOf(error)) ? fullProblem(error) : error;
    }
  }

  async open(key: string, range?: ByteRange): Promise<OpenBlob> {
    tenantOfKey(key);
    const { file, head } = await this.#find(key);
    const { bytes, sha256, type } = head;
    try {
      const part = resolveRange(bytes, range);
      if (part !== undefined) return { bytes, sha256, type, body: readPart(file, part) };
      await file.close();
      return { bytes, sha256, type, body: Readable.from([]) };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    tenantOfKey(key);
    await rm(this.#pathOf(key), { force: true });
  }

  async list(prefix: string, after = ''): Promise<BlobEntry[]> {
    tenantOfPrefix(prefix);
    const entries: BlobEntry[] = [];
    for await (const key of walk({ folder: this.#folder, prefix, after })) {
      const head = await headOf(this.#pathOf(key));
      if (head !== undefined && !this.#isExpired(head)) entries.push({ key, ...head });
      if (entries.length === listMax) break;
    }
    return entries;
  }

  async sweep(): Promise<number> {
    let count = 0;
    for await (const key of walk({ folder: this.#folder, prefix: '', after: '' })) {
      const head = await headOf(this.#pathOf(key));
      if (head === undefined || !this.#isExpired(head)) continue;
      await rm(this.#pathOf(key), { force: true });
      count += 1;
    }
    const uploads = join(this.#folder, uploadsFolder);
    for (const name of (await ifThere(readdir(uploads))) ?? []) {
      const upload = await ifThere(stat(join(uploads, name)));
      if (upload === undefined || upload.mtimeMs > this.#clock.now() - uploadIdleMsMax) continue;
      await rm(join(uploads, name), { force: true });
      count += 1;
    }
    return count;
  }

  #pathOf(key: string): string {
    return join(this.#folder, `${key}${fileMark}`);
  }

  #isExpired({ expiresAt }: FileHead): boolean {
    return expiresAt !== null && expiresAt <= this.#clock.now();
  }

  /** The caller closes the file. */
  async #find(key: string): Promise<{ file: FileHandle; head: FileHead }> {
    const file = await ifThere(open(this.#pathOf(key), 'r'));
    if (file === undefined) throw notFound();
    const head = await readHead(file);
    if (!this.#isExpired(head)) return { file, head };
    await file.close();
    throw notFound();
  }
}

async function writeUpload(path: string, body: Body, options: PutOptions): Promise<StoredBlob> {
  const measured = measure(options);
  const { type, expiresAt = null } = options;
  const target = createWriteStream(path, { flags: 'wx', start: headBytes });
  await pipeline(Readable.from(measured.pass(body)), target);
  const stored = measured.result();
  const file = await open(path, 'r+');
  try {
    await file.write(formatHead({ type, ...stored, expiresAt }), 0, headBytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  return stored;
}

function readPart(file: FileHandle, { first, last }: { first: number; last: number }): Readable {
  return file.createReadStream({ start: headBytes + first, end: headBytes + last });
}

async function headOf(path: string): Promise<FileHead | undefined> {
  const file = await ifThere(open(path, 'r'));
  if (file === undefined) return undefined;
  try {
    return await readHead(file);
  } finally {
    await file.close();
  }
}

interface Walk {
  readonly folder: string;
  readonly prefix: string;
  readonly after: string;
}

/** Keys in their order: those that begin with `prefix` and come after `after`. */
async function* walk(search: Walk, within = ''): AsyncGenerator<string> {
  const { folder, prefix, after } = search;
  for (const name of await namesIn(join(folder, within))) {
    const path = within + name;
    if (!path.startsWith(prefix) && !prefix.startsWith(path)) continue;
    if (name.endsWith('/')) {
      if (path > after || after.startsWith(path)) yield* walk(search, path);
    } else if (path > after && path.startsWith(prefix)) {
      yield path;
    }
  }
}

/** Parts of keys, sorted as the keys are; folders end with a slash. */
async function namesIn(folder: string): Promise<string[]> {
  const entries = (await ifThere(readdir(folder, { withFileTypes: true }))) ?? [];
  return entries
    .filter(({ name }) => name !== uploadsFolder)
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name.slice(0, -1)))
    .toSorted();
}

async function ifThere<result>(work: Promise<result>): Promise<result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The new name is on the disk, not only in memory. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
