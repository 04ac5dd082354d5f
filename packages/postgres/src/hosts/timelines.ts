import type { Position } from '@plinth/core';

/**
 * What a position of before is worth now. `current`: on today's timeline; `kept`: a failover kept what it
 * names; `lost`: a failover lost it; `unknown`: nobody saw where its timeline ended; `ahead`: of a timeline
 * that is not known here.
 */
export type Standing = 'current' | 'kept' | 'lost' | 'unknown' | 'ahead';

/** Where each timeline began, and the highest ever seen. */
export class Timelines {
  readonly #switches = new Map<number, bigint>();
  #highest = 0;

  get highest(): number {
    return this.#highest;
  }

  /** @returns whether it is newer than all before. */
  see(timeline: number): boolean {
    if (timeline <= this.#highest) return false;
    this.#highest = timeline;
    return true;
  }

  /** Up to `lsn` a timeline has what the one before it had. */
  learn(timeline: number, lsn: bigint): void {
    if (!this.#switches.has(timeline)) this.#switches.set(timeline, lsn);
    this.see(timeline);
  }

  judge({ timeline, lsn }: Position): Standing {
    if (timeline > this.#highest) return 'ahead';
    if (timeline === this.#highest) return 'current';
    // Of several failovers the first one that came after it decides, if every one is known.
    for (let next = timeline + 1; next <= this.#highest; next += 1) {
      const start = this.#switches.get(next);
      if (start === undefined) return 'unknown';
      if (lsn > start) return 'lost';
    }
    return 'kept';
  }
}
