export { checkBudget, type BudgetNeeds, type ConnectionBudget } from './budget.ts';
export { t } from './codecs.ts';
export { createDatabase, type DatabaseOptions } from './create-database.ts';
export { findPrimaryUrl } from './hosts/find-primary.ts';
export { list } from './list/declare-list.ts';
export type { Migrations } from './migrate/files.ts';
export { dryRun, type DryRun, type DryStep } from './migrate/dry-run.ts';
export { migrate, type MigrateOptions } from './migrate/migrate.ts';
export { readMigrationStatus, type MigrationStatus } from './migrate/status.ts';
export { rolesSql } from './migrate/roles.ts';
export {
  ensurePartition,
  partitioned,
  partitionPolicySql,
  premakePartitions,
  retireOldest,
  startPartitionUpkeep,
  type Archive,
  type PartitionedDef,
  type PartitionNeeds,
} from './partition/partitioned.ts';
export { startFolding, foldRollup, type FoldingNeeds } from './rollup/fold.ts';
export { mendRollups, rebuildRollups, withoutRollups } from './rollup/rebuild.ts';
export { rollupSql } from './rollup/rollup-sql.ts';
export { rollup, type Grain, type Grouping, type Rollup, type RollupDef } from './rollup/rollup.ts';
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
export type { PositionTokens } from './position-token.ts';
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
export { startWriteKeyUpkeep, type WriteKeyNeeds } from './write-key-upkeep.ts';
