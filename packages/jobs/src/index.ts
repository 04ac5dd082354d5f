export {
  createJobsAdmin,
  type AdminQuery,
  type AdminView,
  type DeadJobs,
  type JobAct,
  type JobLimit,
  type JobsAdmin,
  type QueueState,
  type ScheduleState,
  type Who,
} from './admin.ts';
export { jobs } from './contract.ts';
export { createJobs, type JobsNeeds } from './create-jobs.ts';
export { createJobsApi } from './jobs-api.ts';
export { migrations } from './migrations.ts';
export {
  jobRef,
  type DrainReport,
  type EnqueueOptions,
  type JobContext,
  type JobContract,
  type JobPage,
  type JobProgress,
  type JobQuery,
  type JobRef,
  type Jobs,
  type JobState,
  type JobView,
  type Priority,
  type Schedule,
  type Unique,
} from './jobs.ts';
