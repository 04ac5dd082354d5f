/** Linear below 2,048 µs, then 1,024 steps a power of two: three significant digits up to 2^32 µs (71 minutes). */
const linearMax = 2_048;
const stepsPerPower = 1_024;
const cells = 23_552;
/** An hour: above it a value is clamped and counted. */
const valueUsMax = 3_600_000_000;

/** Log-linear counts of durations (the layout of HdrHistogram, Gil Tene). Recording allocates nothing. */
export class Histogram {
  readonly #counts = new Float64Array(cells);
  #total = 0;
  #overflow = 0;

  get total(): number {
    return this.#total;
  }
  /** Values above one hour; they stand in the last cell. */
  get overflow(): number {
    return this.#overflow;
  }

  /** @param us whole microseconds, not negative. */
  record(us: number): void {
    let value = us;
    if (value > valueUsMax) {
      value = valueUsMax;
      this.#overflow += 1;
    }
    const index = indexOf(value);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#total += 1;
  }

  merge(other: Histogram): void {
    for (let index = 0; index < cells; index += 1) {
      this.#counts[index] = (this.#counts[index] ?? 0) + (other.#counts[index] ?? 0);
    }
    this.#total += other.#total;
    this.#overflow += other.#overflow;
  }

  /** The highest value of the cell where the cumulative count reaches ⌈ratio · total⌉, in µs; 0 when empty. */
  percentile(ratio: number): number {
    const rank = Math.max(1, Math.ceil(ratio * this.#total));
    let seen = 0;
    for (let index = 0; index < cells; index += 1) {
      seen += this.#counts[index] ?? 0;
      if (seen >= rank) return highestOf(index);
    }
    return 0;
  }

  /** Cells that hold something, as `[index, count]`: how a histogram is kept in a file. */
  toJSON(): [number, number][] {
    return [...this.#counts.entries()].filter(([, count]) => count > 0);
  }

  static fromJSON(pairs: readonly (readonly [number, number])[]): Histogram {
    const histogram = new Histogram();
    for (const [index, count] of pairs) {
      histogram.#counts[index] = count;
      histogram.#total += count;
    }
    return histogram;
  }
}

function indexOf(us: number): number {
  if (us < linearMax) return us;
  const power = 31 - Math.clz32(us);
  return linearMax + (power - 11) * stepsPerPower + (us >>> (power - 10)) - stepsPerPower;
}

function highestOf(index: number): number {
  if (index < linearMax) return index;
  const power = 11 + Math.floor((index - linearMax) / stepsPerPower);
  const step = 2 ** (power - 10);
  const lowest = (((index - linearMax) % stepsPerPower) + stepsPerPower) * step;
  return lowest + step - 1;
}
