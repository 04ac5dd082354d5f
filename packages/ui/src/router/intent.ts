import type { Router } from './router.ts';

/** A pointer that only passes over a link stays shorter. */
const restMs = 65;

/** Loads what a link leads to as soon as pointer, focus or finger is on it; not for those who save data. */
export function prefetchOnIntent(router: Router): () => void {
  if (savesData()) return () => undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = (event: Event) => {
    clearTimeout(timer);
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.origin !== location.origin) return;
    const delay = event.type === 'pointerover' ? restMs : 0;
    timer = setTimeout(() => router.prefetch(link.href), delay);
  };
  const kinds = ['pointerover', 'focusin', 'touchstart'] as const;
  for (const kind of kinds) addEventListener(kind, over, { passive: true });
  return () => {
    clearTimeout(timer);
    for (const kind of kinds) removeEventListener(kind, over);
  };
}

function savesData(): boolean {
  if (!('connection' in navigator)) return false;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Network Information API, not in the compiler's library; both fields are optional here
  const connection = navigator.connection as { saveData?: boolean; effectiveType?: string };
  return connection.saveData === true || connection.effectiveType?.endsWith('2g') === true;
}
