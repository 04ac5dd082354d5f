import fastify from 'fastify';
import { Pool } from 'pg';

import { defineModule, get, id, implement, query, toVersion, version } from '@plinth/contract';
import { bindLocal } from '@plinth/contract/local';
import { createIds, createLog, loadConfig, systemClock } from '@plinth/core';
import { z } from '@plinth/core/z';
import { createDatabase, sql, t } from '@plinth/postgres';
import { createTelemetry } from '@plinth/telemetry';

import { httpConfig } from './config.ts';
import { createHttp } from './http.ts';
import { createKeyRing } from './key-ring.ts';
import { createSessionStore } from './sessions.ts';

/** Started by the bench as `KIND URL TENANT`; prints where it listens and the cookie of a session. */
const [kind = '', databaseUrl = '', tenant = ''] = process.argv.slice(2);
const poolMax = 10;

const output = z.object({ id, version, text: z.string() });
const notes = defineModule('notes', {
  operations: {
    getNote: query({
      input: z.object({ id }),
      output,
      permission: 'notes.read',
      http: get('/notes/:id', { etag: 'row' }),
    }),
    getConstant: query({
      input: z.object({ id }),
      output,
      permission: 'notes.read',
      http: get('/constants/:id', { etag: 'row' }),
    }),
  },
});
const findNote = sql({ id: t.uuid }, { version: t.int4, text: t.text }, { hot: true })`
  select version, text from app.note where id = ${'id'}`;

async function startOurs(): Promise<{ url: string; cookie: string }> {
  const clock = systemClock;
  const log = createLog({ level: 'info', destination: { write: () => {} } });
  const telemetry = createTelemetry({ clock, role: 'api', version: 'bench' });
  const master = `a:${Buffer.alloc(32, 7).toString('base64')}`;
  const keys = createKeyRing({ database: () => database, master, clock, log });
  const database = createDatabase({ url: databaseUrl, keyRing: keys, poolMax, telemetry, log });
  const sessions = createSessionStore({ database, keys, clock, log });
  const client = bindLocal(
    implement(notes, {
      async getNote(ctx, input) {
        const row = await database.one(ctx, findNote, { id: input.id });
        return { id: input.id, version: toVersion(row.version), text: row.text };
      },
      getConstant: async (_ctx, input) => ({ id: input.id, version: '1', text: 'constant' }),
    }),
    { check: 'edge' },
  );
  const http = createHttp({
    modules: [{ module: notes, client }],
    config: loadConfig([httpConfig], { HTTP_PORT: '0', SHED_DELAY: '60s' }).of(httpConfig),
    identity: { apiKey: async () => undefined, permissions: async () => new Set(['notes.read']) },
    newId: createIds(clock),
    database,
    keys,
    sessions,
    clock,
    log,
    telemetry,
  });
  await keys.reload();
  await http.start?.(AbortSignal.timeout(10_000));
  const { cookie } = await sessions.create({ user: createIds(clock)(), tenant, level: 1 });
  return { url: http.address(), cookie };
}

/** What one would write by hand: a route, a pool, a prepared statement. No tenant, no session, nothing else. */
async function startBare(): Promise<{ url: string; cookie: string }> {
  const pool = new Pool({ connectionString: databaseUrl, max: poolMax });
  const app = fastify({ logger: false });
  app.get<{ Params: { id: string } }>('/v1/notes/:id', async ({ params }) => {
    const { rows } = await pool.query<{ version: number; text: string }>({
      name: 'note',
      text: 'select version, text from app.note where id = $1',
      values: [params.id],
    });
    const [row] = rows;
    return { id: params.id, version: row?.version.toString(36), text: row?.text };
  });
  app.get<{ Params: { id: string } }>('/v1/constants/:id', async ({ params }) => ({
    id: params.id,
    version: '1',
    text: 'constant',
  }));
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }), cookie: '' };
}

// The bench holds the other end: without it there is nobody to serve.
process.stdin.on('end', () => process.exit()).resume();
const started = await (kind === 'ours' ? startOurs() : startBare());
process.stdout.write(`${JSON.stringify(started)}\n`);
