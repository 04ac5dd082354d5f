import { z } from '@plinth/core/z';
import type { JobProgress } from '@plinth/jobs';
import { defineChannel, type Channel, type Realtime } from '@plinth/realtime';

const contract = defineChannel<JobProgress>({
  pattern: 't/{tenant}/jobs',
  schema: z.object({
    id: z.string(),
    name: z.string(),
    state: z.enum(['scheduled', 'ready', 'running', 'done', 'cancelled', 'dead']),
    fraction: z.number().nullable(),
    message: z.string().nullable(),
  }),
  authorize: (auth) => auth.permissions.has('customers.read'),
  // A slow reader needs only where a job is now.
  coalesce: ({ id }) => id,
});

/** How far background jobs are, told to the tenant's open pages. */
export function createJobsChannel() {
  let channel: Channel<JobProgress> | undefined;
  return {
    open(realtime: Realtime): void {
      channel = realtime.channel(contract);
    },
    publish(tenant: string | null, progress: JobProgress): void {
      if (tenant === null) return;
      const { id, name, state, fraction, message } = progress;
      void channel?.publish({ tenant }, { id, name, state, fraction, message });
    },
  };
}
