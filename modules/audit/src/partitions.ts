import { partitioned } from '@plinth/postgres';

/** Months of the trail: made three ahead, kept for seven years. `0002_retention.sql` says so to the database. */
export const auditPartitions = partitioned({
  table: 'audit.entry',
  every: 'month',
  premake: 3,
  retainMonths: 84,
  beforeDrop: 'audit.keep_horizon',
});
