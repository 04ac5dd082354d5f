/** Notified when there are jobs to claim. */
export const workChannel = 'plinth_job';
/** Notified when a job that runs was cancelled. */
export const cancelChannel = 'plinth_job_cancel';
