import { useEffect, useState } from 'react';

import { useMe } from './session.tsx';

export type LinkState = 'connecting' | 'open' | 'waiting' | 'closed';

/** The live connection of this tenant. Its code comes after the first page is drawn. */
export function useLiveLink(): LinkState {
  const me = useMe();
  const [state, setState] = useState<LinkState>('connecting');
  const [tenant, user] = [me.tenant.id, me.user.id];
  useEffect(() => {
    let close: (() => void) | undefined;
    let left = false;
    const open = async () => {
      const { openLive } = await import('../data/live-link.ts');
      if (!left) close = openLive(me, setState);
    };
    // Without it pages stay as they were read: the dot says so.
    open().catch(() => setState('closed'));
    return () => {
      left = true;
      close?.();
    };
  }, [tenant, user]);
  return state;
}
