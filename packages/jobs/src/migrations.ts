/** The tables of jobs, workers and schedules, in schema `plinth`. */
export const migrations = {
  module: 'jobs',
  folder: new URL('../migrations/', import.meta.url),
} as const;
