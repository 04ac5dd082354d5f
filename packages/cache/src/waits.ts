import type { Clock } from '@plinth/core';

export const late = Symbol('late');

/** The result, or `late` when it takes longer. The wait ends with `settled`. */
export async function orLate<result>(
  work: Promise<result>,
  clock: Clock,
  ms: number,
  settled: AbortSignal,
): Promise<result | typeof late> {
  const slept = clock.sleep(ms, settled).then(
    (): typeof late => late,
    (): typeof late => late,
  );
  return Promise.race([work, slept]);
}

/** The result; or the signal's reason, whatever becomes of the work. */
export async function orAborted<result>(
  work: Promise<result>,
  signal: AbortSignal | undefined,
  settled: AbortSignal,
): Promise<result> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true, signal: settled });
  promise.catch(() => 'heard by the race, where it still runs');
  return Promise.race([work, promise]);
}
