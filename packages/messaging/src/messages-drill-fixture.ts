import { drillMessages, type DrillReport } from './drill-fixture.ts';
import type { Place } from './drill-options-fixture.ts';

interface Options {
  readonly runs: number;
  readonly transport: Place['transport'];
  readonly seed: number | undefined;
  readonly signal: AbortSignal;
  onRun(run: number, what: string): void;
}

/** What `plinth drill run messages` runs. */
export const drill = {
  summary:
    'kills publishers, relays, consumers and their broker; holds what was acknowledged against the ledger',
  run: ({ seed, ...options }: Options): Promise<DrillReport> =>
    drillMessages({ ...options, ...(seed === undefined ? {} : { seed }) }),
};
