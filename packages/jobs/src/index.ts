export { migrations } from './migrations.ts';
export { jobRef } from './jobs.ts';
export type {
  DrainReport,
  EnqueueOptions,
  JobContext,
  JobContract,
  JobPage,
  JobProgress,
  JobQuery,
  JobRef,
  Jobs,
  JobState,
  JobView,
  Priority,
  Schedule,
  Unique,
} from './jobs.ts';
