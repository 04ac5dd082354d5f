import { useEffect, useRef } from 'react';

export interface LiveChange {
  /** `invoicing.invoice-issued`; empty: there was a gap, everything may have changed. */
  readonly topic: string;
  readonly ids?: readonly string[] | undefined;
}

const listeners = new Set<(change: LiveChange) => void>();

/** Tells the components that listen. */
export function tellLive(change: LiveChange): void {
  for (const listener of listeners) listener(change);
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
