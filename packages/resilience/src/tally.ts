import type { CallOutcome } from './options.ts';

/** What a pipeline has done; plain numbers, read at each scrape. */
export class Tally {
  readonly calls: Record<CallOutcome, number> = {
    success: 0,
    failure: 0,
    timeout: 0,
    circuit_open: 0,
    bulkhead_full: 0,
    rate_limited: 0,
    aborted: 0,
    chaos: 0,
  };
  first = 0;
  second = 0;
  third = 0;
  further = 0;
  late = 0;
  hedgeWins = 0;
  inFlight = 0;

  attempt(number: number): void {
    if (number === 1) this.first += 1;
    else if (number === 2) this.second += 1;
    else if (number === 3) this.third += 1;
    else this.further += 1;
  }
}
