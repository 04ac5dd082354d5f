export { t } from './codecs.ts';
export { createDatabase, type DatabaseOptions } from './create-database.ts';
export { list } from './list/declare-list.ts';
export type { Migrations } from './migrate/files.ts';
export { dryRun, type DryRun, type DryStep } from './migrate/dry-run.ts';
export { migrate, type MigrateOptions } from './migrate/migrate.ts';
export { readMigrationStatus, type MigrationStatus } from './migrate/status.ts';
export { rolesSql } from './migrate/roles.ts';
export { sql } from './sql.ts';
export type { Codec, Codecs, In, Out } from './codec.ts';
export type { Context } from './context.ts';
export type {
  Call,
  CopyTarget,
  Database,
  PoolStats,
  Reader,
  ReadOptions,
  Transaction,
  WriteOptions,
} from './database.ts';
export type {
  ListDef,
  ListField,
  ListFieldType,
  Listing,
  ListingOf,
  ListSearch,
  Page,
  PageQuery,
  Rows,
  RowsQuery,
  Summary,
  SummaryQuery,
  Total,
} from './listing.ts';
export type { Fragment, SqlTag, Statement, StatementOptions } from './statement.ts';
