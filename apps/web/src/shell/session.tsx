import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from 'react';

import { LocaleProvider } from '@plinth/ui/core';

import { session } from '../data/client.ts';
import type { Me, SessionState } from '../data/session.ts';

export function useSessionState(): SessionState {
  return useSyncExternalStore(session.subscribe, () => session.current);
}

const MeContext = createContext<Me | undefined>(undefined);

interface MeProviderProps {
  readonly me: Me;
  readonly children: ReactNode;
}

/** Who is signed in, and with it the formats and the server's today for everything below. */
export function MeProvider({ me, children }: MeProviderProps) {
  const { user, tenant, today } = me;
  const locale = user.locale ?? tenant.locale;
  const userZone = user.zone ?? tenant.zone;
  const formats = useMemo(
    () => ({ locale, userZone, tenantZone: tenant.zone }),
    [locale, userZone, tenant.zone],
  );
  return (
    <MeContext.Provider value={me}>
      <LocaleProvider formats={formats} today={today}>
        {children}
      </LocaleProvider>
    </MeContext.Provider>
  );
}

/** @throws {TypeError} where nobody is signed in: pages stand below the gate. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === undefined) throw new TypeError('useMe needs a signed-in person above it');
  return me;
}

/** Whether the person may: `useCan()('invoicing.issue')`. What is never allowed is not shown. */
export function useCan(): (permission: string) => boolean {
  const { permissions } = useMe();
  return (permission) => permissions.includes(permission);
}
