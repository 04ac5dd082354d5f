import type { Clock } from '@plinth/core';

const resolutionMs = 10;

/** How late the event loop runs what is due. */
export interface LoopDelay {
  /** The latest of the window since the last call: of ten samples that is the p99. */
  take(): number;
  stop(): void;
}

export function watchLoopDelay(clock: Clock): LoopDelay {
  let lastMs = clock.mono();
  let worstMs = 0;
  const stop = clock.every(resolutionMs, () => {
    const nowMs = clock.mono();
    worstMs = Math.max(worstMs, nowMs - lastMs - resolutionMs);
    lastMs = nowMs;
  });
  return {
    take() {
      // A loop that is blocked right now has not sampled yet.
      const delayMs = Math.max(worstMs, clock.mono() - lastMs - resolutionMs);
      worstMs = 0;
      return delayMs;
    },
    stop,
  };
}
