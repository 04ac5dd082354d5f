import { inspect } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';

const withinMsDefault = 5_000;
const pauseMsFirst = 2;
const pauseMsMax = 100;

/**
 * Waits until `check` neither throws nor gives false.
 *
 * @returns what it gave at last.
 * @throws {Error} with the last failure when the time is up.
 */
export async function eventually<result>(
  check: () => result | Promise<result>,
  { withinMs = withinMsDefault }: { withinMs?: number } = {},
): Promise<result> {
  const stopAt = performance.now() + withinMs;
  for (let pauseMs = pauseMsFirst; ; pauseMs = Math.min(pauseMs * 2, pauseMsMax)) {
    let last: unknown;
    try {
      const result = await check();
      if (result !== false) return result;
      last = result;
    } catch (error) {
      last = error;
    }
    if (performance.now() > stopAt) {
      throw new Error(`It did not come within ${withinMs} ms: ${inspect(last)}`, { cause: last });
    }
    await sleep(pauseMs);
  }
}
