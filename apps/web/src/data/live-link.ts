import { connect, type LinkState, liveQueries } from '@plinth/realtime/client';

import { readAfter } from './client.ts';
import { keysOf } from './keys.ts';
import { tellLive } from './live.ts';
import { queryClient } from './queries.ts';
import type { Me } from './session.ts';

/** Those that say what changed; `t/{tenant}/jobs` tells of progress, in another shape. */
const channels = [
  't/{tenant}/invoices',
  't/{tenant}/customers',
  't/{tenant}/payments',
  'u/{user}',
] as const;

/** Opens the browser's one live connection. Messages say what changed, never how it looks: the API is asked. */
export function openLive({ tenant, user }: Me, onState: (state: LinkState) => void): () => void {
  const link = connect({ url: '/rt', onState });
  const stop = liveQueries(
    link,
    {
      invalidateQueries(filter) {
        if (filter.queryKey === undefined) tellLive({ topic: '' });
        return queryClient.invalidateQueries(filter);
      },
    },
    {
      channels: channels.map((pattern) => ({
        channel: { pattern },
        params: { tenant: tenant.id, user: user.id },
      })),
      map(change) {
        tellLive(change);
        return keysOf(change);
      },
      onPosition: readAfter,
    },
  );
  return () => {
    stop();
    link.close();
  };
}
