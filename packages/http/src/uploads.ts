import { Readable } from 'node:stream';

import { Busboy } from '@fastify/busboy';
import { Problem, type NewId } from '@plinth/core';

import type { Exchange } from './exchange.ts';
import { looksLike } from './magic-bytes.ts';

/** As much of @plinth/storage's BlobStore as an upload needs. */
export interface UploadStore {
  put(
    key: string,
    body: AsyncIterable<Uint8Array>,
    options: {
      readonly tenant: string;
      readonly type: string;
      readonly bytesMax: number;
      readonly expiresAt?: number;
      readonly signal?: AbortSignal;
    },
  ): Promise<{ readonly bytes: number; readonly sha256: string }>;
  remove(key: string): Promise<void>;
}

/** What the operation gets in place of the file. */
interface Uploaded {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly fileName: string | undefined;
}

export interface UploadRules {
  readonly bytesMax: number;
  readonly types: readonly string[];
}

export interface Uploads {
  /**
   * Streams the request's file into the blob store: never whole in memory.
   *
   * @throws {Problem} `http.unsupported_type`, `http.body_too_large`, `http.bad_upload`, `http.digest_mismatch`.
   */
  receive(exchange: Exchange, tenant: string, rules: UploadRules): Promise<Uploaded>;
  discard(uploaded: Uploaded): Promise<void>;
}

interface File {
  readonly body: Readable;
  readonly type: string;
  readonly fileName: string | undefined;
}

const firstBytesMax = 512;
const nameCharactersMax = 255;

export function createUploads({ store, newId }: { store: UploadStore; newId: NewId }): Uploads {
  return {
    async receive(exchange, tenant, rules) {
      const { request, head, controller } = exchange;
      if (Number(head.contentLength) > rules.bytesMax + firstBytesMax * 8) throw tooLarge(rules);
      exchange.step = 'upload';
      const file = head.contentType.startsWith('multipart/form-data')
        ? await findFile(exchange)
        : { body: request, type: mediaType(head.contentType), fileName: undefined };
      if (!rules.types.includes(file.type)) throw unsupported(rules);
      const key = `${tenant === 'none' ? '_' : tenant}/uploads/${newId()}`;
      try {
        const stored = await store.put(key, checked(exchange, file, rules), {
          tenant: tenant === 'none' ? '_' : tenant,
          type: file.type,
          bytesMax: rules.bytesMax,
          signal: controller.signal,
        });
        await checkDigest(request.headers['repr-digest'], stored.sha256, () => store.remove(key));
        return { key, ...stored, fileName: file.fileName };
      } catch (error) {
        file.body.resume();
        const problem = Problem.from(error);
        throw problem.code === 'storage.too_large' ? tooLarge(rules) : problem;
      }
    },
    discard: ({ key }) => store.remove(key),
  };
}

function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

/** The first file of a form; fields beside it are the query's business. */
async function findFile({ request, head }: Exchange): Promise<File> {
  const { promise, resolve, reject } = Promise.withResolvers<File>();
  const broken = (cause?: unknown) =>
    reject(
      new Problem('The form has no file, or is cut off.', {
        code: 'http.bad_upload',
        kind: 'invalid',
        cause,
      }),
    );
  try {
    const form = new Busboy({
      headers: { 'content-type': head.contentType },
      limits: { files: 1, fields: 20, fieldSize: 4_096, parts: 25, headerPairs: 20 },
    });
    form.on('file', (...[, stream, fileName, , type]) => {
      resolve({
        body: Readable.from(stream),
        type: mediaType(type),
        fileName: plainName(fileName),
      });
    });
    form.on('error', broken);
    form.on('finish', () => broken());
    request.on('error', broken);
    request.pipe(form);
  } catch (error) {
    broken(error);
  }
  return promise;
}

/** The last part of what a browser calls a path. */
function plainName(name: string | undefined): string | undefined {
  if (name === undefined || name === '') return undefined;
  return name.replace(/^.*[/\\]/u, '').slice(0, nameCharactersMax);
}

/** Passes the bytes on, and notes that they move; the first ones must be what their type says. */
async function* checked(
  exchange: Exchange,
  { body, type }: File,
  rules: UploadRules,
): AsyncIterable<Uint8Array> {
  let isFirst = true;
  for await (const chunk of body) {
    const bytes: unknown = chunk;
    if (!(bytes instanceof Uint8Array)) continue;
    exchange.bytesIn += bytes.length;
    if (exchange.bytesIn > rules.bytesMax) throw tooLarge(rules);
    if (isFirst && !looksLike(type, bytes.subarray(0, firstBytesMax))) throw unsupported(rules);
    isFirst = false;
    yield bytes;
  }
}

/** RFC 9530: `Repr-Digest: sha-256=:…:` */
async function checkDigest(
  header: string | string[] | undefined,
  sha256: string,
  discard: () => Promise<void>,
): Promise<void> {
  const [, wanted] = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]+):/u.exec(String(header ?? '')) ?? [];
  if (wanted === undefined || Buffer.from(wanted, 'base64').toString('hex') === sha256) return;
  await discard();
  throw new Problem('The file is not the one that its digest names.', {
    code: 'http.digest_mismatch',
    kind: 'invalid',
  });
}

function tooLarge({ bytesMax }: UploadRules): Problem {
  return new Problem(`A file has at most ${bytesMax} bytes here.`, {
    code: 'http.body_too_large',
    kind: 'tooLarge',
    context: { bytesMax },
  });
}

function unsupported({ types }: UploadRules): Problem {
  return new Problem(`The file is one of ${types.join(', ')}, and what it says it is.`, {
    code: 'http.unsupported_type',
    kind: 'unsupported',
  });
}
