/** A seeded source of numbers in [0, 1): the same seed gives the same load. */
export type Random = () => number;

/** sfc32 (Chris Doty-Humphrey, PractRand): small, fast, passes the usual test batteries. */
export function createRandom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = seed | 0;
  let c = (seed * 0x85ebca6b) | 0;
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let warmUp = 0; warmUp < 12; warmUp += 1) next();
  return next;
}

/**
 * Ranks 0 … n−1 with probability ∝ 1 / (rank + 1)^s, by the cumulative table: exact, O(log n) a draw.
 */
export function createZipf(n: number, s: number, random: Random): () => number {
  const cumulative = new Float64Array(n);
  let sum = 0;
  for (let rank = 0; rank < n; rank += 1) {
    sum += 1 / (rank + 1) ** s;
    cumulative[rank] = sum;
  }
  return () => {
    const target = random() * sum;
    let low = 0;
    let high = n - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] ?? sum) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/**
 * Instants of arrivals in ms from the start, decided before the run: they wait for no answer.
 *
 * @param ratePerS of arrivals; @param kind `poisson` has independent exponential gaps.
 */
export function planArrivals(
  ratePerS: number,
  durationMs: number,
  kind: 'poisson' | 'even',
  random: Random,
): Float64Array {
  const times: number[] = [];
  const gapMs = 1_000 / ratePerS;
  for (let at = kind === 'even' ? 0 : gap(gapMs, random); at < durationMs;) {
    times.push(at);
    at += kind === 'even' ? gapMs : gap(gapMs, random);
  }
  return Float64Array.from(times);
}

function gap(meanMs: number, random: Random): number {
  return -Math.log(1 - random()) * meanMs;
}
