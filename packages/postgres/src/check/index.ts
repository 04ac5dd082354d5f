export {
  checkSql,
  type SqlCheckOptions,
  type SqlFault,
  type SqlReport,
  type TableFile,
} from './check-sql.ts';
