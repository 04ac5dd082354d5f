import { type RefObject, useEffect, useRef } from 'react';

import type { Row } from './column.ts';
import type { GridSetup } from './grid-commands.ts';

/** Keys, clicks and long presses. Their code comes while the first rows are on their way. */
export function useGridActs<row extends Row>(
  grid: RefObject<HTMLElement | null>,
  setup: GridSetup<row>,
): void {
  const latest = useRef(setup);
  latest.current = setup;
  useEffect(() => {
    const element = grid.current;
    if (element === null) return undefined;
    const end = new AbortController();
    const listen = async () => {
      const { listenToGrid } = await import('./grid-acts.ts');
      listenToGrid(element, () => latest.current, end.signal);
    };
    void listen();
    return () => end.abort();
  }, [grid]);
}
