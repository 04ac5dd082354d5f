import { Cron } from 'croner';

/** The times of a pattern in a zone. */
export interface CronTimes {
  /** The first one after an instant; ms since the Unix epoch. */
  next(after: number): number;
}

/**
 * A pattern without `*` and `/` in second, minute and hour is wall-clock time: what a spring change skips fires at
 * the first instant after it, what an autumn change repeats fires once. Any other follows real time.
 *
 * @throws {TypeError} for a pattern or zone that is wrong, or never fires.
 */
export function parseCron(pattern: string, zone: string): CronTimes {
  let cron: Cron;
  try {
    cron = new Cron(pattern, { timezone: zone, fixedTimeRule: 'no-wildcard', paused: true });
    // The constructor takes a zone that does not exist; asking for a time does not.
    if (cron.nextRun() === null) throw new TypeError('it never fires');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TypeError(`The schedule ${pattern} in ${zone} is refused: ${why}.`, { cause: error });
  }
  return {
    next(after) {
      const next = cron.nextRun(new Date(after));
      if (next === null) throw new TypeError(`The schedule ${pattern} does not fire any more.`);
      return next.getTime();
    },
  };
}
