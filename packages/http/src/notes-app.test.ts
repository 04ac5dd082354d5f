import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { fromVersion, implement, toVersion } from '@plinth/contract';
import { bindLocal } from '@plinth/contract/local';
import { createIds, noLog, noTelemetry, Problem, systemClock, type Log } from '@plinth/core';
import { createFileStore, type BlobStore } from '@plinth/storage';
import { openDatabase } from '@plinth/testing';
import { sql, t as types, type Database } from '@plinth/postgres';

import type { HttpConfig } from './config.ts';
import type { HttpOptions } from './create-chassis.ts';
import { createHttp, type Http } from './http.ts';
import { notes } from './notes-contract.test.ts';
import { createKeyRing, type DatabaseKeyRing } from './key-ring.ts';
import { migrations } from './migrations.ts';
import type { BoundModule } from './router.ts';
import { createSessionStore, type SessionStore } from './sessions.ts';

export const tenant = '01890a5d-ac96-774b-bcce-b302099a8057';
export const user = '01890a5d-ac96-774b-bcce-b302099a8058';
const master = `a:${Buffer.alloc(32, 7).toString('base64')}`;

export const config: HttpConfig = {
  port: 0,
  listen: '127.0.0.1',
  hosts: [],
  origins: [],
  trustProxy: [],
  bodyBytesMax: 20_000,
  deadlineMs: 10_000,
  compress: 'off',
  connectionsMax: 1_000,
  shedDelayMs: 50,
};

const insert = sql({ tenant: types.uuid, id: types.uuid, text: types.text }, {})`
  insert into app.note (tenant_id, id, version, text) values (${'tenant'}, ${'id'}, 1, ${'text'})`;
const find = sql({ id: types.uuid }, { version: types.int4, text: types.text })`
  select version, text from app.note where id = ${'id'}`;
const update = sql(
  { id: types.uuid, version: types.nullable(types.int4), text: types.text },
  { version: types.int4 },
)`
  update app.note set text = ${'text'}, version = version + 1
   where id = ${'id'} and (${'version'}::int4 is null or version = ${'version'})
  returning version`;
const counting = sql({}, { n: types.int8n })`select count(*) as n from app.note`;

export interface NotesApp {
  readonly http: Http;
  readonly url: string;
  readonly database: Database;
  readonly keys: DatabaseKeyRing;
  readonly sessions: SessionStore;
  readonly blobs: BlobStore;
  /** Of a user who may do everything. */
  readonly cookie: string;
  /** How many notes there are. */
  count(): Promise<number>;
  /** Calls that reached the module. */
  readonly calls: string[];
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

export async function startNotes(
  t: TestContext,
  more: Partial<HttpOptions> & {
    permissions?: readonly string[];
    keptVersions?: BoundModule['keptVersions'];
  } = {},
): Promise<NotesApp> {
  const database = await openDatabase(t, { migrations: [migrations, noteMigrations] });
  const clock = systemClock;
  const newId = createIds(clock);
  const log: Log = more.log ?? noLog;
  const keys = createKeyRing({ database: () => database, master, clock, log });
  await keys.start?.(AbortSignal.timeout(5_000));
  const sessions = createSessionStore({ database, keys, clock, log });
  const calls: string[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'plinth-blobs-'));
  t.after(() => rm(folder, { recursive: true }));
  const blobs = createFileStore({ folder, clock, newId });
  const http = createHttp({
    blobs,
    config,
    database,
    keys,
    sessions,
    clock,
    log,
    newId,
    telemetry: noTelemetry,
    identity: {
      apiKey: async () => undefined,
      permissions: async () => new Set(more.permissions ?? ['notes.read', 'notes.write']),
    },
    ...more,
    modules: [
      {
        module: notes,
        client: bindLocal(implementNotes({ database, sessions, newId, calls }), { check: 'full' }),
        keptVersions: more.keptVersions ?? {},
      },
    ],
  });
  await http.start?.(AbortSignal.timeout(5_000));
  t.after(async () => {
    await http.stop?.(AbortSignal.timeout(1_000));
    await keys.stop?.(AbortSignal.timeout(1_000));
  });
  const { cookie } = await sessions.create({ user, tenant, level: 1 });
  const url = http.address();
  return {
    http,
    url,
    database,
    keys,
    sessions,
    blobs,
    cookie,
    calls,
    count: () => countNotes(database),
    fetch: (path, init = {}) =>
      fetch(url + path, {
        ...init,
        headers: {
          cookie: `sid=${cookie}`,
          'sec-fetch-site': 'same-origin',
          ...(typeof init.body === 'string' ? { 'content-type': 'application/json' } : {}),
          ...Object.fromEntries(new Headers(init.headers)),
        },
      }),
  };
}

/** The body of a problem, and that it is one. */
export async function problemOf(response: Response): Promise<{ status: number; code: string }> {
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  const body: unknown = await response.json();
  const { status, code, instance } = Object(body);
  assert.equal(status, response.status);
  assert.match(String(instance), /^urn:request:/u);
  return { status, code };
}

const noteMigrations = {
  module: 'app',
  folder: new URL('../test-migrations/', import.meta.url),
};

async function countNotes(database: Database): Promise<number> {
  const context = {
    tenant,
    position: { get: () => undefined, advance: () => {} },
    signal: AbortSignal.timeout(5_000),
  };
  return (await database.one(context, counting, {})).n;
}

interface Needs {
  readonly database: Database;
  readonly sessions: SessionStore;
  readonly newId: () => string;
  readonly calls: string[];
}

function implementNotes({ database, sessions, newId, calls }: Needs) {
  return implement(notes, {
    async getNote(ctx, input) {
      calls.push('getNote');
      const row = await database.maybe(ctx, find, { id: input.id });
      if (row === undefined) {
        throw new Problem('No such note.', { code: 'notes.unknown', kind: 'notFound' });
      }
      return { id: input.id, version: toVersion(row.version), text: row.text };
    },
    searchNotes: async (_ctx, { limit = 10, tag = [], open = null }) => ({ limit, tag, open }),
    about: async () => ({ text: 'notes' }),
    async createNote(ctx, { text }) {
      calls.push('createNote');
      const noteId = newId();
      await database.write(ctx, async (tx) => {
        await tx.run(insert, { tenant: ctx.tenant, id: noteId, text });
        if (text === 'refuse') {
          throw new Problem('No.', { code: 'notes.refused', kind: 'unprocessable' });
        }
      });
      return { id: noteId, version: '1' };
    },
    async changeNote(ctx, input) {
      const wanted = input.version === undefined ? null : fromVersion(input.version);
      return database.write(ctx, async (tx) => {
        const row = await tx.maybe(update, { id: input.id, version: wanted, text: input.text });
        if (row !== undefined) return { id: input.id, version: toVersion(row.version) };
        const present = await tx.maybe(find, { id: input.id });
        if (present === undefined) {
          throw new Problem('No such note.', { code: 'notes.unknown', kind: 'notFound' });
        }
        throw new Problem('Changed meanwhile.', {
          code: 'http.stale_version',
          kind: 'stale',
          context: { current: toVersion(present.version) },
        });
      });
    },
    uploadNotes: async (_ctx, { blob, fileName }) => ({ blob, fileName }),
    async *exportNotes(_ctx, { n, failAt = Infinity }) {
      for (let index = 0; index < n; index += 1) {
        if (index === failAt) throw new Problem('Lost.', { code: 'notes.lost', kind: 'internal' });
        yield { n: index, text: index === 1 ? '=1+1' : `note "${index}", plain` };
      }
    },
    async signIn(ctx, input) {
      const { cookie } = await sessions.create({
        user: input.user,
        tenant: input.tenant ?? undefined,
        level: 1,
        userAgent: ctx.client?.userAgent,
      });
      return { cookie, user: input.user };
    },
    async waitLong(ctx) {
      calls.push('waitLong');
      await new Promise((resolve) => {
        ctx.signal.addEventListener('abort', resolve, { once: true });
      });
      calls.push('aborted');
      ctx.signal.throwIfAborted();
      return {};
    },
    breakDown: async () => {
      throw new TypeError('a secret detail');
    },
  });
}
