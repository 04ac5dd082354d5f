import { connect, liveQueries } from '@plinth/realtime/client';
import { useEffect, useRef } from 'react';

import { readAfter } from './client.ts';
import { keysOf } from './keys.ts';
import { queryClient } from './queries.ts';
import type { Me } from './session.ts';

export interface LiveChange {
  /** `invoicing.invoice-issued`; empty: there was a gap, everything may have changed. */
  readonly topic: string;
  readonly ids?: readonly string[] | undefined;
}

export type LinkState = 'connecting' | 'open' | 'waiting' | 'closed';

const listeners = new Set<(change: LiveChange) => void>();

const channels = [
  't/{tenant}/invoices',
  't/{tenant}/customers',
  't/{tenant}/payments',
  't/{tenant}/jobs',
  'u/{user}',
] as const;

/** Opens the browser's one live connection. Messages say what changed, never how it looks: the API is asked. */
export function startLive({ tenant, user }: Me, onState: (state: LinkState) => void): () => void {
  const link = connect({ url: '/rt', onState });
  const tell = (change: LiveChange) => {
    for (const listener of listeners) listener(change);
  };
  const stop = liveQueries(
    link,
    {
      invalidateQueries(filter) {
        if (filter.queryKey === undefined) tell({ topic: '' });
        return queryClient.invalidateQueries(filter);
      },
    },
    {
      channels: channels.map((pattern) => ({
        channel: { pattern },
        params: { tenant: tenant.id, user: user.id },
      })),
      map(change) {
        tell(change);
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

/** Hears of changes while the component is there; what comes while the tab is hidden comes when it is seen again. */
export function useLive(listener: (change: LiveChange) => void): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const missed: LiveChange[] = [];
    const hear = (change: LiveChange) => {
      if (document.hidden) missed.push(change);
      else latest.current(change);
    };
    const seen = () => {
      for (const change of missed.splice(0)) latest.current(change);
    };
    listeners.add(hear);
    document.addEventListener('visibilitychange', seen);
    return () => {
      listeners.delete(hear);
      document.removeEventListener('visibilitychange', seen);
    };
  }, []);
}
