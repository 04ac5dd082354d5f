/** High, normal and low, by number. */
const weights = [8, 4, 1] as const;
const weightSum = 13;

export const bandOf = { high: 0, normal: 1, low: 2 } as const;

/** Shares slots 8 : 4 : 1 over many claims, also where each has only one slot: low work always moves. */
export class Bands {
  readonly #credits = [0, 0, 0];

  /** How many of `slots` each band may take first; what one leaves, the others take. */
  share(slots: number): [number, number, number] {
    const shares: [number, number, number] = [0, 0, 0];
    for (let i = 0; i < slots; i += 1) {
      for (const [band, weight] of weights.entries()) {
        this.#credits[band] = (this.#credits[band] ?? 0) + weight;
      }
      const richest = this.#richest();
      this.#credits[richest] = (this.#credits[richest] ?? 0) - weightSum;
      shares[richest] += 1;
    }
    return shares;
  }

  #richest(): 0 | 1 | 2 {
    const [high = 0, normal = 0, low = 0] = this.#credits;
    if (high >= normal && high >= low) return 0;
    return normal >= low ? 1 : 2;
  }
}
