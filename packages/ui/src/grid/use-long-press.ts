import { type RefObject, useEffect, useRef } from 'react';

const longPressMs = 500;

/** A finger that stays on a row: it selects. */
export function useLongPress(
  area: RefObject<HTMLElement | null>,
  onLongPress: (target: EventTarget | null) => void,
): void {
  const latest = useRef(onLongPress);
  latest.current = onLongPress;
  useEffect(() => {
    const element = area.current;
    if (element === null) return undefined;
    const end = new AbortController();
    const { signal } = end;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => clearTimeout(timer);
    element.addEventListener(
      'pointerdown',
      ({ pointerType, target }) => {
        stop();
        if (pointerType === 'touch') timer = setTimeout(() => latest.current(target), longPressMs);
      },
      { signal },
    );
    for (const kind of ['pointerup', 'pointermove', 'pointercancel'] as const) {
      element.addEventListener(kind, stop, { signal });
    }
    return () => {
      stop();
      end.abort();
    };
  }, [area]);
}
