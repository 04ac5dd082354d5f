const sliceMs = 10_000;
const sliceCount = 6;
/** Bounds rise by a quarter: from 0.1 ms to about 100 s. */
const bucketCount = 62;
const leastMs = 0.1;
const growth = Math.log(1.25);
const samplesLeast = 100;

/** How long calls took in the last 60 s. */
export class Latencies {
  readonly #counts = new Int32Array(sliceCount * bucketCount);
  #slice = 0;

  add(ms: number, nowMs: number): void {
    this.#moveTo(nowMs);
    const bucket = Math.ceil(Math.log(Math.max(ms, leastMs) / leastMs) / growth);
    const at = (this.#slice % sliceCount) * bucketCount + Math.min(bucket, bucketCount - 1);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** Upper bound of the bucket in which the quantile lies; undefined below 100 samples. */
  quantile(quantile: number, nowMs: number): number | undefined {
    this.#moveTo(nowMs);
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    if (total < samplesLeast) return undefined;
    let seen = 0;
    for (let bucket = 0; bucket < bucketCount; bucket += 1) {
      for (let slice = 0; slice < sliceCount; slice += 1) {
        seen += this.#counts[slice * bucketCount + bucket] ?? 0;
      }
      if (seen >= quantile * total) return leastMs * Math.exp(bucket * growth);
    }
    return undefined;
  }

  #moveTo(nowMs: number): void {
    const slice = Math.floor(nowMs / sliceMs);
    const steps = Math.min(slice - this.#slice, sliceCount);
    for (let step = 1; step <= steps; step += 1) {
      const at = ((slice - steps + step) % sliceCount) * bucketCount;
      this.#counts.fill(0, at, at + bucketCount);
    }
    if (steps > 0) this.#slice = slice;
  }
}
