import { defineConfig, env, envOptional, envSecret, port, wholeNumber } from '@plinth/core';
import { z } from '@plinth/core/z';

/** Several hosts with commas between them are no URL of the web's standard. */
const databaseUrl = z
  .string()
  .regex(/^postgres(?:ql)?:\/\/[^/?]+/u, 'is postgres://role:password@host/database');

/** Variables of the process itself; each package declares its own. */
export const serverConfig = defineConfig('server', {
  database: envSecret('DATABASE_URL', databaseUrl, {
    doc: 'PostgreSQL under the role plinth_app, several hosts with commas; unset: an embedded server in the data folder',
  }),
  direct: envSecret('DATABASE_DIRECT_URL', z.url(), {
    doc: 'The server itself under the role plinth_app, where DATABASE_URL is a pooler; unset: DATABASE_URL',
  }),
  reporting: envSecret('DATABASE_REPORTING_URL', databaseUrl, {
    doc: 'One replica under the role plinth_app that reports have to themselves; unset: they are read elsewhere, two at once',
  }),
  admin: envSecret('DATABASE_ADMIN_URL', databaseUrl, {
    doc: 'PostgreSQL under a role that may migrate; unset: DATABASE_URL',
  }),
  loader: envSecret('DATABASE_LOADER_URL', databaseUrl, {
    doc: 'PostgreSQL under the role plinth_loader, for seeding; unset: the administrator',
  }),
  poolMax: env('PG_POOL_MAX', wholeNumber(2, 200), {
    default: 16,
    doc: 'Connections of this process to the database, for statements and transactions',
  }),
  lanes: env('PG_LANES', wholeNumber(0, 16), {
    default: 4,
    doc: 'Connections beside them that short reads share; 0: each read has one of its own',
  }),
  connectionsTotal: envOptional('PG_CONNECTIONS_TOTAL', wholeNumber(1, 100_000), {
    doc: 'Connections of all processes together, held against what the server takes; unset: those of this process',
  }),
  prepare: env('PG_PREPARE', z.enum(['named', 'unnamed']), {
    default: 'named',
    doc: 'unnamed: statements are parsed each time, for PgBouncer before 1.21',
  }),
  waitMs: env('PG_WAIT_MS', wholeNumber(0, 10_000), {
    default: 50,
    doc: 'Milliseconds that a read waits for a replica to reach what its client has seen',
  }),
  maxLagMs: env('PG_MAX_LAG_MS', wholeNumber(100, 3_600_000), {
    default: 10_000,
    doc: 'A replica that is later serves nothing until it is half as late',
  }),
  fallbackPercent: env('PG_FALLBACK_PERCENT', wholeNumber(1, 100), {
    default: 50,
    doc: 'Of the connections to the primary, how many may serve reads that no replica could',
  }),
  failoverMs: env('PG_FAILOVER_MS', wholeNumber(0, 600_000), {
    default: 15_000,
    doc: 'Milliseconds that a write waits for a primary',
  }),
  primaryHint: envOptional('PG_PRIMARY_HINT', z.string().regex(/^https?:\/\//u), {
    doc: 'URL with {host} that answers 200 where that host leads; asked when two do on one timeline',
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
