import { defineConfig, env, envOptional, envSecret, port, wholeNumber } from '@plinth/core';
import { z } from '@plinth/core/z';

/** Variables of the process itself; each package declares its own. */
export const serverConfig = defineConfig('server', {
  database: envSecret('DATABASE_URL', z.url(), {
    doc: 'PostgreSQL under the role plinth_app; unset: an embedded server in the data folder',
  }),
  direct: envSecret('DATABASE_DIRECT_URL', z.url(), {
    doc: 'The server itself under the role plinth_app, where DATABASE_URL is a pooler; unset: DATABASE_URL',
  }),
  admin: envSecret('DATABASE_ADMIN_URL', z.url(), {
    doc: 'PostgreSQL under a role that may migrate; unset: DATABASE_URL',
  }),
  loader: envSecret('DATABASE_LOADER_URL', z.url(), {
    doc: 'PostgreSQL under the role plinth_loader, for seeding; unset: the administrator',
  }),
  poolMax: env('PG_POOL_MAX', wholeNumber(2, 200), {
    default: 16,
    doc: 'Connections of this process to the database',
  }),
  connectionsTotal: envOptional('PG_CONNECTIONS_TOTAL', wholeNumber(1, 100_000), {
    doc: 'Connections of all processes together, held against what the server takes; unset: those of this process',
  }),
  prepare: env('PG_PREPARE', z.enum(['named', 'unnamed']), {
    default: 'named',
    doc: 'unnamed: statements are parsed each time, for PgBouncer before 1.21',
  }),
  data: envOptional('PLINTH_DATA', z.string().min(1), {
    doc: 'Folder of the embedded database, the blobs and the development key; unset: .plinth',
  }),
  blobs: envOptional('BLOB_DIR', z.string().min(1), {
    doc: 'Folder of uploaded and made files; unset: in the data folder',
  }),
  opsPort: env('OPS_PORT', port, {
    default: 9464,
    doc: 'Port of metrics and health detail on loopback; 0: any free one',
  }),
  jobs: env('JOBS_SLOTS', wholeNumber(0, 64), {
    default: 4,
    doc: 'Background jobs that this process runs at once; 0: none',
  }),
  level: env('LOG_LEVEL', z.enum(['debug', 'info', 'warn', 'error']), {
    default: 'info',
    doc: 'Least severity of a line in the log',
  }),
  check: env('CONTRACT_CHECK', z.enum(['full', 'edge', 'clone']), {
    default: 'edge',
    doc: 'full also parses what operations answer; clone sends it through JSON text',
  }),
});
