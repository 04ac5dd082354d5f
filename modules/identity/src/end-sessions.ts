import { z } from '@plinth/core/z';
import type { JobContract } from '@plinth/jobs';
import type { Transaction } from '@plinth/postgres';

import type { IdentityNeeds } from './needs.ts';

const endSessionsJob: JobContract<{ userId: string }> = {
  name: 'identity.end-sessions',
  input: z.object({ userId: z.string() }),
  priority: 'high',
};

/** Sessions are the chassis' own, in transactions of their own: a job ends them once the change has committed. */
export function defineEndSessions({ jobs, sessions, realtime }: IdentityNeeds): void {
  jobs.define(endSessionsJob, async ({ userId }) => {
    await sessions.revokeUser(userId);
    realtime.revoke({ user: userId });
    return {};
  });
}

/** Whoever was removed or got another role signs in again, wherever their sessions are. */
export async function endSessionsOf(
  { jobs }: IdentityNeeds,
  tx: Transaction,
  userId: string,
): Promise<void> {
  await jobs.enqueue(tx, endSessionsJob, { userId });
}
