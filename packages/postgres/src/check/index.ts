export {
  checkSql,
  type SqlCheckOptions,
  type SqlFault,
  type SqlReport,
  type TableFile,
} from './check-sql.ts';
export { checkMigrations, type MigrationsReport } from './migrations/check-migrations.ts';
export type { MigrationFault } from './migrations/lint.ts';
