/** A ring of slot numbers, first in first out; grown by doubling. */
export class SlotQueue {
  #ring = new Uint32Array(1_024);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(slot: number): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#size) & (this.#ring.length - 1)] = slot;
    this.#size += 1;
  }

  /** −1: it is empty. */
  shift(): number {
    if (this.#size === 0) return -1;
    const slot = this.#ring[this.#head] ?? -1;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#size -= 1;
    return slot;
  }

  #grow(): void {
    const wider = new Uint32Array(this.#ring.length * 2);
    for (let i = 0; i < this.#size; i += 1) {
      wider[i] = this.#ring[(this.#head + i) & (this.#ring.length - 1)] ?? 0;
    }
    this.#ring = wider;
    this.#head = 0;
  }
}

/** Hashes of what was evicted lately: a direct-mapped table, no ring and no deletes. */
export class Ghost {
  readonly #hashes: Uint32Array;
  readonly #numbers: Uint32Array;
  readonly #mask: number;
  #count = 0;

  constructor(entriesMax: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(2, entriesMax * 2)));
    this.#hashes = new Uint32Array(slots);
    this.#numbers = new Uint32Array(slots);
    this.#mask = slots - 1;
  }

  add(hash: number): void {
    this.#count += 1;
    this.#hashes[hash & this.#mask] = hash;
    this.#numbers[hash & this.#mask] = this.#count;
  }

  /** Among the last `within` that were added. */
  has(hash: number, within: number): boolean {
    const slot = hash & this.#mask;
    const number = this.#numbers[slot] ?? 0;
    return number > 0 && this.#hashes[slot] === hash && this.#count - number < within;
  }
}
