export {
  checkSql,
  type SqlCheckOptions,
  type SqlFault,
  type SqlReport,
  type TableFile,
} from './check-sql.ts';
export { checkMigrations, type MigrationsReport } from './migrations/check-migrations.ts';
export type { MigrationFault } from './migrations/lint.ts';
export { describeRelease, readReleaseLock, type ReleaseLock } from './migrations/release-lock.ts';
export { loadTableFiles } from './table-files.ts';
export { explainStatement, type ExplainOptions } from './explain.ts';
export { readStatementUses, type StatementUse, type StatementUses } from './statement-use.ts';
export { findByName, findNear } from './statements-in.ts';
