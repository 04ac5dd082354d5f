interface Sample {
  readonly atMs: number;
  readonly lsn: bigint;
}

const samplesMax = 120;

/**
 * How late a replica is, by when the primary had written what the replica has replayed now: the time in the
 * replica's last transaction grows on an idle primary too.
 */
export class LagClock {
  readonly #samples: Sample[] = [];

  get newest(): bigint | undefined {
    return this.#samples.at(-1)?.lsn;
  }

  /** Where the primary's log is now. */
  add(atMs: number, lsn: bigint): void {
    const last = this.#samples.at(-1);
    // Another timeline may begin below where the lost one ended.
    if (last !== undefined && lsn < last.lsn) this.#samples.length = 0;
    this.#samples.push({ atMs, lsn });
    if (this.#samples.length > samplesMax) this.#samples.shift();
  }

  /** Milliseconds, as of the newest sample; undefined where that is not known. */
  lagMs(replayed: bigint): number | undefined {
    const newest = this.#samples.at(-1);
    if (newest === undefined) return undefined;
    const reached = this.#samples.findLast(({ lsn }) => lsn <= replayed);
    if (reached !== undefined) return newest.atMs - reached.atMs;
    // Older than all that is kept: at least as late as the first sample is old.
    return newest.atMs - (this.#samples[0]?.atMs ?? newest.atMs);
  }
}
